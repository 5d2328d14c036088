/**
 * Number of shards of a minute. Work that waits for a moment further away than a queue can delay it is kept
 * as rows in buckets of one minute, spread over shards. A million rows of one minute, written within that
 * minute, are 1,000,000 / 60 / 64 = 260 written units a second for each bucket, and DynamoDB takes 1,000 of a
 * partition key; a shard is 16,000 rows or 16 reads of 1 MB.
 */
export const DUE_SHARD_COUNT = 64;

export const DUE_MINUTE_MS = 60_000;

/** Minute of a moment in UTC, such as `2026-11-24T09:15`: sorts as time does. */
export function dueMinuteOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 16);
}

export function startOfDueMinute(minute: string): number {
  return Date.parse(`${minute}Z`);
}

/** Shard of a row, from the random tail of the id, which a counter in the head cannot skew. */
export function dueShardOf(dueId: string): number {
  return Number.parseInt(dueId.slice(-4), 16) % DUE_SHARD_COUNT;
}

export function dueBucketOf(minute: string, shard: number): string {
  return `due#${minute}#${String(shard).padStart(2, '0')}`;
}

/** Sort key of a row: in order of time within a bucket. */
export function dueItemOf(dueEpochMs: number, dueId: string): string {
  return `${String(dueEpochMs).padStart(15, '0')}#${dueId}`;
}

/** A place in the order in which due rows are gone through: minute, shard, moment. */
interface DuePlace {
  readonly minute: string;
  readonly shard: number;
  readonly dueEpochMs: number;
}

/** The place as one number, for a cursor. */
export function duePositionOf({ minute, shard, dueEpochMs }: DuePlace): number {
  const start = startOfDueMinute(minute);
  return start * DUE_SHARD_COUNT + shard * DUE_MINUTE_MS + (dueEpochMs - start);
}

/** The place that `duePositionOf` has made a number of. */
export function duePlaceAt(position: number): DuePlace {
  const minuteSpan = DUE_SHARD_COUNT * DUE_MINUTE_MS;
  const start = Math.floor(position / minuteSpan) * DUE_MINUTE_MS;
  const rest = position % minuteSpan;
  return {
    minute: dueMinuteOf(start),
    shard: Math.floor(rest / DUE_MINUTE_MS),
    dueEpochMs: start + (rest % DUE_MINUTE_MS),
  };
}
