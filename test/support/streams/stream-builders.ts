import { createStreams, type Streams } from '../../../shared/streams/stream.ts';
import type { StreamSettings } from '../../../shared/streams/stream-settings.ts';
import type { TenantSettings } from '../../../shared/streams/tenant-settings.ts';

/** What the config says of tenants that says nothing of its own. */
export const TENANTS: TenantSettings = { guard: { bouncePercent: 4, complaintPercent: 0.08 } };

export function aStream(overrides: Partial<StreamSettings> = {}): StreamSettings {
  const name = overrides.name ?? 'transactional';
  return {
    name,
    kind: 'transactional',
    pool: 'shared',
    ratePercent: 70,
    concurrency: 2,
    queueUrl: `http://127.0.0.1/000000000000/${name}`,
    configurationSet: name,
    keepDays: 30,
    suppressionScope: 'account',
    guard: { bouncePercent: 4, complaintPercent: 0.08 },
    ...overrides,
  };
}

/** The two streams of the default config, unless told which. */
export function buildStreams(
  streams: readonly StreamSettings[] = [
    aStream(),
    aStream({ name: 'broadcast', kind: 'broadcast', ratePercent: 30 }),
  ],
  tenants?: TenantSettings,
): Streams {
  const defaultStream = streams[0]?.name ?? '';
  return createStreams({ defaultStream, streams, ...(tenants === undefined ? {} : { tenants }) });
}
