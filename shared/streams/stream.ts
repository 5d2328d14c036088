import type { StreamSettings, StreamsSettings } from './stream-settings.ts';
import type { TenantSettings } from './tenant-settings.ts';

/** Tells whether mail of a stream leaves with the headers of one-click unsubscribe (RFC 8058). */
export const hasUnsubscribe = ({
  kind,
  unsubscribe = true,
}: Pick<StreamSettings, 'kind' | 'unsubscribe'>): boolean => kind === 'broadcast' && unsubscribe;

/** The streams of a deployment. A name that is gone is served as the default stream is: its mail was accepted. */
export interface Streams {
  readonly all: readonly StreamSettings[];
  readonly defaultName: string;
  readonly tenants: TenantSettings | undefined;
  readonly eventBusName: string | undefined;
  find(name: string): StreamSettings | undefined;
  byName(name: string): StreamSettings;
}

export function createStreams({ defaultStream, streams, tenants, eventBusName }: StreamsSettings): Streams {
  const known = new Map(streams.map((stream) => [stream.name, stream]));
  const fallback = known.get(defaultStream);
  if (fallback === undefined) throw new RangeError(`There is no stream ${defaultStream}.`);
  return {
    all: streams,
    defaultName: defaultStream,
    tenants,
    eventBusName,
    find: (name) => known.get(name),
    byName: (name) => known.get(name) ?? fallback,
  };
}
