import { invalidField } from '../../base/contract/errors.ts';
import type { Streams } from '../../streams/stream.ts';
import type { StreamSettings } from '../../streams/stream-settings.ts';

/**
 * Header that names a stream, in the `headers` of a mail, for SDKs that drop fields they do not know, or on
 * the request itself. Never sent on.
 */
export const STREAM_HEADER = 'x-postlane-stream';

/** Names that the stream of a mail may be chosen by, the most particular first. */
export interface StreamChoice {
  readonly field: string | null | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Header of the request. */
  readonly requestHeader: string | undefined;
  readonly keyDefault: string | undefined;
}

/**
 * @returns the stream and the headers that are left to send
 * @throws ContractError 422 naming the streams that there are
 */
export function chooseStream(
  { field, headers, requestHeader, keyDefault }: StreamChoice,
  streams: Streams,
): { readonly stream: StreamSettings; readonly headers: Readonly<Record<string, string>> } {
  const isOurs = (name: string) => name.toLowerCase() === STREAM_HEADER;
  const ownHeader = Object.entries(headers).find(([name]) => isOurs(name))?.[1];
  const rest = Object.fromEntries(Object.entries(headers).filter(([name]) => !isOurs(name)));
  const named = [field, ownHeader, requestHeader].find(
    (name) => name !== undefined && name !== null && name !== '',
  );
  // The stream of a key may have been taken out of the config since: what it stood for then is the default's now.
  const stream = named ? requireStream(named, streams) : streams.byName(keyDefault ?? streams.defaultName);
  return { stream, headers: rest };
}

/** @throws ContractError 422 naming the streams that there are */
export function requireStream(name: string, streams: Streams): StreamSettings {
  const stream = streams.find(name.trim());
  if (stream === undefined) throw invalidField(unknownStream(streams));
  return stream;
}

const unknownStream = ({ all }: Streams): string =>
  `There is no such stream; this deployment has ${all.map(({ name }) => `\`${name}\``).join(', ')}.`;
