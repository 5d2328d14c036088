import type { SigningKeys } from '../../access/ports.ts';
import type { Message } from '../../messages/message.ts';
import { hasUnsubscribe, type Streams } from '../../streams/stream.ts';
import { UNSUBSCRIBE_PATH } from '../unsubscribe-headers.ts';
import { createUnsubscribeToken } from '../unsubscribe-token.ts';

interface UnsubscribeLinkDeps {
  readonly streams: Streams;
  readonly signingKeys: SigningKeys;
  /** URL of the API, as the internet knows it, without a slash at its end. */
  readonly publicUrl: string;
}

/**
 * Link that ends mail of a message's stream to the one recipient of it; undefined where the stream has no
 * such links. A mail to several comes from a stream that is gone: the link of one must not reach the others
 * (RFC 8058 section 3.1).
 */
export async function unsubscribeLink(
  { tenant, messageId, stream: name }: Message,
  [address, ...others]: readonly string[],
  { streams, signingKeys, publicUrl }: UnsubscribeLinkDeps,
): Promise<string | undefined> {
  const stream = streams.byName(name);
  if (!hasUnsubscribe(stream) || address === undefined || others.length > 0) return undefined;
  const claims = { tenant, stream: stream.name, messageId, address };
  return `${publicUrl}${UNSUBSCRIBE_PATH}/${createUnsubscribeToken(claims, await signingKeys.current())}`;
}
