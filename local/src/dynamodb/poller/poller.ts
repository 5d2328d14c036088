import type { Gateway } from '../../gateway/service-call.ts';
import type { Clock } from '../../host/clock.ts';
import type { Pauses } from '../../host/pauses.ts';
import { retryDelay } from '../../lambda/event-source-mapping/retry-delay.ts';
import type { LambdaHost } from '../../lambda/invocation.ts';
import { ageMs, STREAM_RETENTION_MS, type TableStreamReader } from '../table-streams/record.ts';
import { judgeBatch, type RecordBatch } from './batch.ts';
import { toTableStreamEvent } from './event.ts';
import { gatherBatch, POLL_MS } from './gather-batch.ts';
import type { ShardPart, TableStreamPositions } from './positions.ts';
import { createShardReader, TableStreamCallError } from './shard-reader.ts';

interface TableStreamPollerDeps {
  readonly clock: Clock;
  readonly gatewayCall: Gateway['call'];
  readonly lambda: Pick<LambdaHost, 'invoke'>;
  readonly pauses: Pauses;
  readonly streams: Pick<TableStreamReader, 'recordsAfter'>;
  readonly positions: TableStreamPositions;
  readonly warn: (line: string) => void;
}

interface TableStreamPoller {
  /** Takes no more records; resolves when the read or the invocation under way has ended. */
  stop(): Promise<void>;
}

/** Reads one part of a stream for a function as its event source mapping says: one batch at a time, in order. */
export function startTableStreamPoller(part: ShardPart, deps: TableStreamPollerDeps): TableStreamPoller {
  const { mapping } = part;
  const read = createShardReader(mapping, part.shardId, deps.gatewayCall);
  let isStopped = false;

  const takeBatch = async () => {
    const batch = await gatherBatch(part, deps.positions.of(part), {
      ...{ read, clock: deps.clock, pauses: deps.pauses },
      isStopped: () => isStopped,
    });
    if (isStopped) return;
    await deliver(part, batch, deps, () => isStopped);
    if (!batch.isFull) await deps.pauses.pause(POLL_MS);
  };
  const afterFailure = async (error: unknown, failures: number) => {
    if (failures === 1 && !isStopped) deps.warn(`${mapping.logicalId}: ${String(error)}`);
    if (error instanceof TableStreamCallError && error.isDenied) passExpired(part, deps);
    await deps.pauses.pause(retryDelay(failures - 1));
  };
  const loop = async () => {
    for (let failures = 0; !isStopped; ) {
      try {
        await takeBatch();
        failures = 0;
      } catch (error) {
        failures += 1;
        await afterFailure(error, failures);
      }
    }
  };
  const running = loop();

  return {
    stop: async () => {
      isStopped = true;
      await running;
    },
  };
}

/** A part that may not read loses what is older than a stream keeps. */
function passExpired(part: ShardPart, { clock, streams, positions }: TableStreamPollerDeps): void {
  const { mapping, shardId } = part;
  const expired = streams
    .recordsAfter(mapping.streamArn, shardId, positions.of(part))
    .filter((record) => ageMs(record, clock.now()) >= STREAM_RETENTION_MS)
    .at(-1);
  if (expired) positions.advance(part, expired.dynamodb.SequenceNumber);
}

/** Tries a batch, and what is left of it, until all is done or given up: later records of the part wait for it. */
async function deliver(
  part: ShardPart,
  whole: RecordBatch,
  { clock, lambda, pauses, positions, warn }: TableStreamPollerDeps,
  isStopped: () => boolean,
): Promise<void> {
  const { mapping } = part;
  const pending = [whole];
  if (whole.records.length === 0) return positions.advance(part, whole.through);
  for (let batch = pending.shift(); batch && !isStopped(); batch = pending.shift()) {
    const event = toTableStreamEvent(batch.records, mapping.streamArn);
    const result = await lambda.invoke(mapping.target.logicalId, event);
    // Workers end when everything stops; that is no failure of the function.
    if (result.kind !== 'ok' && isStopped()) return;
    const { doneThrough, retry, discarded } = judgeBatch(batch, result, mapping, clock.now());
    if (doneThrough !== undefined) positions.advance(part, doneThrough);
    if (discarded.length > 0) warn(`${mapping.logicalId}: gave up ${discarded.length} records`);
    pending.unshift(...retry);
    const [next] = retry;
    if (next) await pauses.pause(retryDelay(next.tries - 1));
  }
}
