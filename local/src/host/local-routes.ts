import type { HttpResponse } from './http-body.ts';
import { decode } from './json.ts';

export interface LocalRequest {
  /** Values of the `{name}` segments, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** The query as received, without `?`. */
  readonly rawQuery: string;
  readonly body: Buffer;
}

/** Origin of a request. */
export interface LocalCaller {
  /** Headers by lower-cased name, each with all its values. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly sourceIp: string;
}

/** A route of the local cloud itself; `path` begins with `/_local` and may hold `{name}` segments. */
export interface LocalRoute {
  readonly method: string;
  readonly path: string;
  /** @param caller known where the request came through the front */
  handle(request: LocalRequest, caller?: LocalCaller): Promise<HttpResponse> | HttpResponse;
}

export const isLocalPath = (path: string): boolean => path === '/_local' || path.startsWith('/_local/');

/** Answers a request below `/_local`; 404 in JSON where there is no such route. */
export function createLocalRouter(routes: readonly LocalRoute[]) {
  const mounted = routes.map((route) => ({ route, pattern: toPattern(route.path) }));

  return async (method: string, url: string, body: Buffer, caller?: LocalCaller): Promise<HttpResponse> => {
    const [path = '', rawQuery = ''] = url.split(/\?(.*)/s);
    for (const { route, pattern } of mounted) {
      const match = route.method === method ? pattern.exec(path) : null;
      if (match) return route.handle({ params: decodeAll(match.groups ?? {}), rawQuery, body }, caller);
    }
    return localReply(404, { message: `The local cloud has no ${method} ${path}` });
  };
}

export const localReply = (status: number, value: unknown): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: Buffer.from(JSON.stringify(value)),
});

function toPattern(path: string): RegExp {
  const source = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return new RegExp(`^${source}$`);
}

function decodeAll(groups: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decode(value)]));
}
