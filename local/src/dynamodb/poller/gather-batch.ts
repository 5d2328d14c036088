import type { Clock } from '../../host/clock.ts';
import type { Pauses } from '../../host/pauses.ts';
import type { TableStreamRecord } from '../table-streams/record.ts';
import { type RecordBatch, toBatch } from './batch.ts';
import type { ShardPart } from './positions.ts';
import type { ReadShard } from './shard-reader.ts';

interface GatheredBatch extends RecordBatch {
  /** True if there was no room for more. */
  readonly isFull: boolean;
}

interface GatherDeps {
  readonly read: ReadShard;
  readonly clock: Clock;
  readonly pauses: Pauses;
  readonly isStopped: () => boolean;
}

/** Lambda polls a shard four times a second. */
export const POLL_MS = 250;
/** An event holds 6 MB, its frame included. */
const MOST_BATCH_BYTES = 6_000_000;

/**
 * The next batch of a part: what is there and, within the batching window of its first record, what comes, up to the
 * batch size and 6 MB. Records that are not for the part are passed over.
 */
export async function gatherBatch(part: ShardPart, after: string, deps: GatherDeps): Promise<GatheredBatch> {
  const { clock, pauses, read, isStopped } = deps;
  const batch = createCollection(part, after);
  let endsAtMs: number | undefined;

  for (;;) {
    const page = await read(batch.through());
    const hasRoom = page.every(batch.takeIn) && !batch.isFull();
    if (!hasRoom) return batch.toBatch(true);
    if (page.length > 0) continue;
    if (!batch.isEmpty()) endsAtMs ??= clock.now() + part.mapping.windowMs;
    const leftMs = (endsAtMs ?? 0) - clock.now();
    if (leftMs <= 0 || isStopped()) return batch.toBatch(false);
    await pauses.pause(Math.min(POLL_MS, leftMs));
  }
}

function createCollection({ mapping, takes }: ShardPart, after: string) {
  const records: TableStreamRecord[] = [];
  let bytes = 0;
  let through = after;
  const isFull = () => records.length === mapping.batchSize;
  const fits = (size: number) => records.length === 0 || bytes + size <= MOST_BATCH_BYTES;

  return {
    isFull,
    isEmpty: () => records.length === 0,
    through: () => through,
    toBatch: (hasNoRoom: boolean): GatheredBatch => ({ ...toBatch(records, through), isFull: hasNoRoom }),
    /** Takes a record in; false where there is no room for it, and it is read again for the next batch. */
    takeIn: (record: TableStreamRecord): boolean => {
      const isTaken = takes(record);
      const size = isTaken ? Buffer.byteLength(JSON.stringify(record)) : 0;
      if (isFull() || !fits(size)) return false;
      if (isTaken) records.push(record);
      bytes += size;
      through = record.dynamodb.SequenceNumber;
      return true;
    },
  };
}
