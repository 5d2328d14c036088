import { createStreams, type StreamSettings, type Streams } from '../../shared/domain/stream.ts';

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
    tracking: { opens: false, clicks: false },
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
): Streams {
  return createStreams({ defaultStream: streams[0]?.name ?? '', streams });
}
