import { createSweep, type SweepDeps } from '../../../functions/sweep/messages/sweep.ts';
import type { MessageContent } from '../../../shared/mail/mail-content.ts';
import type { FetchJob, SendJob } from '../../../shared/messages/contract/queue-body.ts';
import { type Fact, factKey } from '../../../shared/messages/delivery-event.ts';
import type { Message } from '../../../shared/messages/message.ts';
import { lowestIdAt } from '../../../shared/messages/message-bucket.ts';
import type { BatchState } from '../../../shared/messages/ports.ts';
import { type DueRow, dueIdOf } from '../../../shared/scheduling/contract/due-rows.ts';
import type { ReleaseJob } from '../../../shared/scheduling/contract/release-job.ts';
import { dueMinuteOf, dueShardOf } from '../../../shared/scheduling/due-row.ts';

export interface SweepWorld {
  nowEpochMs: number;
  /** Besides the operator. */
  tenants: readonly string[];
  readonly rows: Map<string, Message>;
  readonly facts: Map<string, Fact>;
  readonly contents: Map<string, MessageContent>;
  readonly objects: Map<string, Uint8Array>;
  readonly batches: Map<string, BatchState>;
  readonly cursors: Map<string, number>;
  readonly sent: SendJob[];
  /** Seconds that `sent` were given to wait. */
  readonly delays: (number | undefined)[];
  readonly dueRows: Map<string, DueRow>;
  readonly released: ReleaseJob[];
  readonly fetched: FetchJob[];
  /** Ids of messages that no queue takes. */
  readonly refusedByQueues: Set<string>;
  readonly logged: string[];
  /** Called before every operation on a store or a queue; throws where it is to fail. */
  beforeOperation: (name: string) => void;
  run(remainingMs?: () => number): Promise<void>;
}

/** Stores and queues that remember, with the conditions of the real ones. */
export function createSweepWorld(nowEpochMs: number): SweepWorld {
  const world: SweepWorld = {
    nowEpochMs,
    tenants: [],
    rows: new Map(),
    facts: new Map(),
    contents: new Map(),
    objects: new Map(),
    batches: new Map(),
    cursors: new Map(),
    sent: [],
    delays: [],
    dueRows: new Map(),
    released: [],
    fetched: [],
    refusedByQueues: new Set(),
    logged: [],
    beforeOperation: () => {},
    run: (remainingMs = () => 55_000) => sweep(remainingMs),
  };
  const sweep = createSweep(depsOf(world));
  return world;
}

export function emptyContent(overrides: Partial<MessageContent> = {}): MessageContent {
  return { text: 'hello', headers: {}, attachments: [], ...overrides };
}

function depsOf(world: SweepWorld): SweepDeps {
  return {
    tenants: async () => ['default', ...world.tenants],
    clock: { nowEpochMs: () => world.nowEpochMs },
    messages: messagesOf(world),
    objects: {
      async get(key) {
        world.beforeOperation('objects.get');
        return world.objects.get(key);
      },
      async sizeOf(key) {
        world.beforeOperation('objects.sizeOf');
        return world.objects.get(key)?.byteLength;
      },
    },
    ...dueRowsOf(world),
    releaseQueue: queueOf(world, world.released, ({ minute }) => minute),
    sendQueue: queueOf(world, world.sent, ({ messageId }) => messageId, world.delays),
    fetchQueue: queueOf(world, world.fetched, ({ job }) => job.messageId),
    cursors: {
      async get(tenant, check) {
        world.beforeOperation('cursors.get');
        return world.cursors.get(`${tenant}#${check}`);
      },
      async advance(tenant, check, doneUntilEpochMs) {
        world.beforeOperation('cursors.advance');
        const key = `${tenant}#${check}`;
        world.cursors.set(key, Math.max(doneUntilEpochMs, world.cursors.get(key) ?? 0));
      },
    },
    log: {
      warn: (event) => void world.logged.push(event),
      error: (event) => void world.logged.push(event),
      count: (metric, value) => void world.logged.push(`${metric} ${value}`),
    },
  };
}

function dueRowsOf(world: SweepWorld): Pick<SweepDeps, 'dueRows' | 'dueMinutes'> {
  const rows = () => [...world.dueRows.values()];
  const placeOf = ({ dueEpochMs, work }: DueRow) => ({
    minute: dueMinuteOf(dueEpochMs),
    shard: dueShardOf(dueIdOf(work)),
  });
  return {
    dueRows: {
      async put(added) {
        world.beforeOperation('dueRows.put');
        for (const row of added) world.dueRows.set(`${row.dueEpochMs}#${dueIdOf(row.work)}`, row);
      },
      async has(dueEpochMs, messageId) {
        world.beforeOperation('dueRows.has');
        return world.dueRows.has(`${dueEpochMs}#${messageId}`);
      },
      async *list(minute, shard, fromEpochMs) {
        for (const row of rows()) {
          const place = placeOf(row);
          if (place.minute !== minute || place.shard !== shard || row.dueEpochMs < fromEpochMs) continue;
          yield { dueEpochMs: row.dueEpochMs, tenant: 'default', messageId: dueIdOf(row.work) };
        }
      },
    },
    dueMinutes: {
      async list(from, to) {
        world.beforeOperation('dueMinutes.list');
        const byMinute = Map.groupBy(rows().map(placeOf), ({ minute }) => minute);
        return [...byMinute]
          .map(([minute, places]) => ({ minute, shards: [...new Set(places.map(({ shard }) => shard))] }))
          .filter(({ minute }) => minute >= from && minute <= to)
          .sort((one, other) => (one.minute < other.minute ? -1 : 1));
      },
      async forget(minute) {
        for (const [key, row] of world.dueRows) {
          if (placeOf(row).minute === minute) world.dueRows.delete(key);
        }
      },
    },
  };
}

function messagesOf(world: SweepWorld): SweepDeps['messages'] {
  const { rows, facts, batches } = world;
  return {
    async *queryWindow(tenant, { fromEpochMs, toEpochMs }) {
      world.beforeOperation('queryWindow');
      const inside = [...rows.values()].filter(
        ({ messageId, tenant: owner }) =>
          owner === tenant && messageId >= lowestIdAt(fromEpochMs) && messageId < lowestIdAt(toEpochMs),
      );
      for (const message of inside.sort((one, other) => (one.messageId < other.messageId ? -1 : 1))) {
        yield { message, facts: [...facts.values()].filter((fact) => fact.messageId === message.messageId) };
      }
    },
    async getTimeline(_tenant, messageId) {
      world.beforeOperation('getTimeline');
      const message = rows.get(messageId);
      const own = [...facts.values()].filter((fact) => fact.messageId === messageId);
      return message && { message, facts: own };
    },
    async getContent(messageId) {
      world.beforeOperation('getContent');
      return world.contents.get(messageId);
    },
    async getBatchState(batchId) {
      world.beforeOperation('getBatchState');
      return batches.get(batchId);
    },
    async endBatch(batchId, state) {
      world.beforeOperation('endBatch');
      const holds = batches.get(batchId) ?? state;
      batches.set(batchId, holds);
      return holds;
    },
    async deleteUnsent(_tenant, messageId) {
      world.beforeOperation('deleteUnsent');
      const row = rows.get(messageId);
      const isUnsent = row?.status === 'accepted' || row?.status === 'scheduled';
      if (isUnsent && row.attempt === 0) rows.delete(messageId);
    },
    async advance(_tenant, messageId, from, { to, ...values }) {
      world.beforeOperation('advance');
      const row = rows.get(messageId);
      if (row?.status !== from.status || row.attempt !== from.attempt) return false;
      rows.set(messageId, { ...row, ...values, status: to });
      return true;
    },
    async appendFact(_tenant, fact) {
      world.beforeOperation('appendFact');
      const key = `${fact.messageId}#${factKey(fact)}`;
      const isNew = !facts.has(key);
      if (isNew) facts.set(key, fact);
      return isNew;
    },
  };
}

function queueOf<Job>(
  world: SweepWorld,
  queued: Job[],
  idOf: (job: Job) => string,
  delays: (number | undefined)[] = [],
) {
  return {
    async enqueueAll(jobs: readonly Job[], delayOf?: (job: Job) => number) {
      world.beforeOperation('enqueueAll');
      const refused = jobs.filter((job) => world.refusedByQueues.has(idOf(job)));
      const taken = jobs.filter((job) => !refused.includes(job));
      queued.push(...taken);
      delays.push(...taken.map((job) => delayOf?.(job)));
      return refused.map((job) => ({ job, error: new Error('The queue is full.') }));
    },
  };
}
