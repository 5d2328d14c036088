import type { FrontRequest } from './request-event.ts';

/** Puts the key that the deployment made in the place of the friendly one. */
export type KeySwap = (headers: FrontRequest['headers']) => Promise<FrontRequest['headers']>;

/**
 * `Authorization: Bearer <friendlyKey>` becomes the deployment's own token, so that the functions know one kind of
 * key alone. `readToken` is asked until it has an answer; without one the header stays as it is.
 */
export function createKeySwap(friendlyKey: string, readToken: () => Promise<string | undefined>): KeySwap {
  let token: string | undefined;

  return async (headers) => {
    const bearer = /^Bearer\s+(.*)$/i.exec(headers.authorization?.[0] ?? '')?.[1];
    if (bearer !== friendlyKey) return headers;
    token ??= await readToken();
    return token === undefined ? headers : { ...headers, authorization: [`Bearer ${token}`] };
  };
}
