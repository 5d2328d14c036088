import assert from 'node:assert/strict';
import { ContendedError } from '../../../shared/base/change.ts';
import { createEventLogReader } from '../../../shared/event-log/adapters/event-log-reader.ts';
import { createEventLog } from '../../../shared/event-log/adapters/event-log-table.ts';
import { decodeLogCursor, encodeLogCursor } from '../../../shared/event-log/contract/event-log-cursor.ts';
import type { EventLog, EventLogReader, LogEntry, LoggedEvent } from '../../../shared/event-log/ports.ts';
import { createIds } from '../../../shared/runtime/ids.ts';
import { createMemoryTable, type Disturbance, type MemoryTable } from '../aws/memory-table.ts';
import { type ChanceOrder, createChanceOrder } from '../base/chance-order.ts';
import { createChance } from '../base/virtual-time.ts';
import { NOON } from '../messages/message-builders.ts';
import { anEntry, anEvent } from './log-builders.ts';

const TENANT = 'default';
const [SHARDS, RECORDS, READERS] = [3, 12, 3];
/** Far more than any reader needs. */
const MOST_READS = 3_000;

class Crash extends Error {}

interface World {
  readonly chance: () => number;
  readonly upTo: (limit: number) => number;
  readonly order: ChanceOrder;
  readonly clock: { nowEpochMs(): number };
  readonly table: MemoryTable;
  /** Processes that are alive. */
  readonly pool: EventLog[];
  /** What was answered to whom lived to see it. */
  readonly answers: LoggedEvent[];
  /** Of processes that were given up while they were at it. */
  readonly zombies: Promise<unknown>[];
}

export interface History {
  /** The ids of all events there were. */
  readonly offered: readonly string[];
  /** What each reader has seen, in its order. */
  readonly seen: readonly (readonly string[])[];
  readonly answers: readonly LoggedEvent[];
  readonly reader: EventLogReader;
}

/**
 * One history of a log. The records of a stream's shards are appended by processes that die at any await; a batch that
 * was not acknowledged comes again, cut otherwise, at times while its forerunner is still at it. Readers stop at any event
 * and go on from its cursor as text. All of it is chance, the same for the same seed.
 */
export async function runHistory(seed: number): Promise<History> {
  const world = createWorld(seed);
  const shards = Array.from({ length: SHARDS }, (_, shard) => recordsOf(shard, world));
  const offered = shards.flat().map(({ event }) => event.id);
  const seen = Array.from({ length: READERS }, (): string[] => []);
  const reader = readerOf(world.table.client(), world);

  await world.order.run([
    ...shards.map((records) => consume(records, world)),
    ...seen.map((ids) => follow(ids, offered.length, world)),
  ]);
  await world.order.run(world.zombies);
  return { offered, seen, answers: world.answers, reader };
}

function createWorld(seed: number): World {
  const chance = createChance(seed);
  const upTo = (limit: number) => Math.floor(chance() * limit);
  let nowEpochMs = NOON;
  const passTime = () => {
    nowEpochMs += upTo(40);
  };
  return {
    ...{ chance, upTo, order: createChanceOrder(chance, passTime), table: createMemoryTable() },
    ...{ clock: { nowEpochMs: () => nowEpochMs }, pool: [], answers: [], zombies: [] },
  };
}

/** Stored one after the other, some in the same second; the shards lag behind each other. */
function recordsOf(shard: number, { upTo }: World): readonly LogEntry[] {
  let storedAtEpochMs = NOON;
  return Array.from({ length: RECORDS }, (_, index) => {
    storedAtEpochMs += upTo(900);
    return anEntry(anEvent(`${shard}.${index}`), storedAtEpochMs);
  });
}

/** Each call waits for its turn, and again with its answer; a process may die at both, and the answer of a put be lost. */
const disturbance =
  (isMortal: boolean, { order, chance }: World): Disturbance =>
  async (name, work) => {
    const wait = async () => {
      await order.turn();
      if (isMortal && chance() < 0.05) throw new Crash();
    };
    await wait();
    const answer = work();
    answer.catch(() => {});
    await wait();
    return name === 'PutItemCommand' && chance() < 0.1 ? work() : answer;
  };

function startProcess(world: World): EventLog {
  const skewMs = world.upTo(2_000) - 1_000;
  const clock = { nowEpochMs: () => world.clock.nowEpochMs() + skewMs };
  const log = createEventLog({
    client: world.table.client(disturbance(true, world)),
    ...{ tableName: 'events', clock, ids: createIds(clock), jitter: world.chance },
    sleep: () => world.order.turn(),
  });
  world.pool.push(log);
  return log;
}

async function consume(records: readonly LogEntry[], world: World): Promise<void> {
  const { upTo, chance, pool } = world;
  for (let done = 0; done < records.length; ) {
    const batch = records.slice(done, done + 1 + upTo(6));
    const twice = chance() < 0.2 ? [...batch, ...batch.slice(upTo(batch.length))] : batch;
    const log = (chance() < 0.7 ? pool[upTo(pool.length)] : undefined) ?? startProcess(world);
    const isDone = hand(twice, log, world);
    const isGivenUp = chance() < 0.1;
    if (isGivenUp) world.zombies.push(isDone);
    else if (await isDone) done += batch.length;
  }
}

/** True where it was acknowledged. */
async function hand(batch: readonly LogEntry[], log: EventLog, world: World): Promise<boolean> {
  try {
    world.answers.push(...(await log.append(TENANT, batch)));
    return true;
  } catch (error) {
    if (error instanceof ContendedError) return false;
    assert.ok(error instanceof Crash, String(error));
    const at = world.pool.indexOf(log);
    if (at >= 0) world.pool.splice(at, 1);
    return false;
  }
}

const readerOf = (client: ReturnType<MemoryTable['client']>, { clock }: World): EventLogReader =>
  createEventLogReader({ client, tableName: 'events', clock });

async function follow(seen: string[], all: number, world: World): Promise<void> {
  const { upTo, chance } = world;
  const reader = readerOf(world.table.client(disturbance(false, world)), world);
  let cursor: string | undefined;
  for (let reads = 0; seen.length < all; reads++) {
    assert.ok(reads < MOST_READS, `a reader hangs at ${seen.length} of ${all} events`);
    const from = cursor === undefined ? undefined : decodeLogCursor(cursor);
    const { events, next } = await reader.read(TENANT, from, { maxBlocks: 1 + upTo(4) });
    const taken = events.slice(0, upTo(events.length + 1));
    seen.push(...taken.map(({ event }) => event.id));
    const isWhole = taken.length === events.length && chance() < 0.5;
    const after = isWhole ? next : taken.at(-1)?.after;
    if (after !== undefined) cursor = encodeLogCursor(after);
  }
}

/** Every event there is, read to the end. */
export async function readAll(reader: EventLogReader, maxBlocks: number) {
  const found: { readonly id: string; readonly fact: unknown }[] = [];
  let cursor: Parameters<EventLogReader['read']>[1];
  for (let hasMore = true; hasMore; ) {
    const page = await reader.read(TENANT, cursor, { maxBlocks });
    found.push(...page.events.map(({ event }) => ({ id: event.id, fact: event.data.fact })));
    cursor = page.next;
    hasMore = page.hasMore;
  }
  return found;
}
