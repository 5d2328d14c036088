import { createdAtEpochMsOf } from '../../../shared/messages/message-bucket.ts';
import type { Messages } from '../../../shared/messages/ports.ts';
import type { DueMinutes, DueRows } from '../../../shared/scheduling/contract/due-rows.ts';
import {
  DUE_MINUTE_MS,
  dueMinuteOf,
  duePlaceAt,
  duePositionOf,
  startOfDueMinute,
} from '../../../shared/scheduling/due-row.ts';
import type { SweepEntry } from './decide-sweep.ts';

/** A message that a check comes by. */
export interface Candidate {
  readonly messageId: string;
  /** Position at which a cursor comes by the message once more. */
  readonly position: number;
  /** Time that its age counts from. */
  readonly fromEpochMs: number;
  /** Loads the message; undefined if there is none (any more). */
  load(): Promise<SweepEntry | undefined>;
}

/** Messages in an order that a cursor can stand in. */
export interface SweepSource {
  /** The first position from this time on. */
  positionAt(epochMs: number): number;
  /** Time of a position: the inverse of `positionAt`. */
  epochMsAt(position: number): number;
  candidates(window: { readonly from: number; readonly toEpochMs: number }): AsyncIterable<Candidate>;
}

export interface SourceDeps {
  readonly messages: Pick<Messages, 'queryWindow' | 'getTimeline'>;
  readonly dueMinutes: Pick<DueMinutes, 'list'>;
  readonly dueRows: Pick<DueRows, 'list'>;
}

/** Every message of a tenant, by the time it was accepted. */
export function byAcceptance(tenant: string, { messages }: SourceDeps): SweepSource {
  return {
    positionAt: (epochMs) => epochMs,
    epochMsAt: (position) => position,
    async *candidates({ from, toEpochMs }) {
      for await (const entry of messages.queryWindow(tenant, { fromEpochMs: from, toEpochMs })) {
        const { messageId } = entry.message;
        const fromEpochMs = createdAtEpochMsOf(messageId);
        yield { messageId, position: fromEpochMs, fromEpochMs, load: async () => entry };
      }
    },
  };
}

/** Messages with a due row, of all tenants: by minute, then by shard, then by time. */
export function byDueTime({ messages, dueMinutes, dueRows }: SourceDeps): SweepSource {
  return {
    positionAt: (epochMs) => duePositionOf({ ...placeOf(epochMs), shard: 0 }),
    epochMsAt: (position) => startOfDueMinute(duePlaceAt(position).minute),
    async *candidates({ from, toEpochMs }) {
      const last = dueMinuteOf(toEpochMs - DUE_MINUTE_MS);
      for (const { minute, shard, fromEpochMs } of await shardsFrom(from, last, dueMinutes)) {
        for await (const { tenant, messageId, dueEpochMs } of dueRows.list(minute, shard, fromEpochMs)) {
          const position = duePositionOf({ minute, shard, dueEpochMs });
          const load = () => messages.getTimeline(tenant, messageId);
          yield { messageId, position, fromEpochMs: dueEpochMs, load };
        }
      }
    },
  };
}

const placeOf = (epochMs: number) => {
  const minute = dueMinuteOf(epochMs);
  return { minute, dueEpochMs: startOfDueMinute(minute) };
};

/** Every shard that is in use from a position on, and from when on its rows are wanted. */
async function shardsFrom(from: number, lastMinute: string, dueMinutes: SourceDeps['dueMinutes']) {
  const first = duePlaceAt(from);
  const minutes = await dueMinutes.list(first.minute, lastMinute);
  return minutes.flatMap(({ minute, shards }) => {
    if (minute !== first.minute) return shards.map((shard) => ({ minute, shard, fromEpochMs: 0 }));
    return shards
      .filter((shard) => shard >= first.shard)
      .map((shard) => ({ minute, shard, fromEpochMs: shard === first.shard ? first.dueEpochMs : 0 }));
  });
}
