import assert from 'node:assert/strict';
import { DeleteItemCommand, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { createEventLogReader } from '../../../shared/event-log/adapters/event-log-reader.ts';
import { createEventLog } from '../../../shared/event-log/adapters/event-log-table.ts';
import type { EventLog, LogCursor } from '../../../shared/event-log/ports.ts';
import { createIds } from '../../../shared/runtime/ids.ts';
import { NOON } from '../messages/message-builders.ts';
import { anEntry, anEvent } from './log-builders.ts';

type Client = Pick<DynamoDBClient, 'send'>;

/** Logs in the events table of an emulator, at a time that is set by hand; each world has a tenant of its own. */
export function createLogWorld(client: DynamoDBClient, tenant: string) {
  const time = { nowEpochMs: NOON };
  const clock = { nowEpochMs: () => time.nowEpochMs };
  const table = { client, tableName: 'events', clock };
  const waits: number[] = [];
  const sleep = async (ms: number) => void waits.push(ms);
  const reader = createEventLogReader(table);

  const open = (over: Client = client): EventLog =>
    createEventLog({ ...table, client: over, ids: createIds(clock), sleep, jitter: () => 0.5 });

  const rowsOf = async (partition: number) => {
    const query = new QueryCommand({
      TableName: 'events',
      KeyConditionExpression: '#bucket = :bucket',
      ExpressionAttributeNames: { '#bucket': 'bucket' },
      ExpressionAttributeValues: marshall({ ':bucket': `log#${tenant}#${partition}` }),
    });
    return ((await client.send(query)).Items ?? []).map((item) => unmarshall(item));
  };

  /** Every block, as it is stored. */
  const rows = async () =>
    [...(await rowsOf(0)), ...(await rowsOf(1))].sort((one, other) => (one.item < other.item ? -1 : 1));

  return {
    ...{ time, clock, tenant, waits, reader, open, rows },

    /** Events of these facts, all stored in one second. */
    entries: (facts: readonly (string | number)[], recordedAtEpochMs = time.nowEpochMs) =>
      facts.map((fact) => anEntry(anEvent(fact, { tenant, data: { fact } }), recordedAtEpochMs)),

    /** The numbers of all blocks. */
    numbers: async () => (await rows()).map(({ item }) => Number(item)),

    /** As DynamoDB does some time after they have expired. */
    async remove(...blocks: readonly number[]) {
      for (const block of blocks) {
        const key = { bucket: `log#${tenant}#${block % 2}`, item: String(block).padStart(16, '0') };
        await client.send(new DeleteItemCommand({ TableName: 'events', Key: marshall(key) }));
      }
    },

    /** All facts from a cursor on. */
    async facts(from?: LogCursor, maxBlocks = 5): Promise<readonly unknown[]> {
      const found: unknown[] = [];
      let cursor = from;
      for (let pages = 0; pages < 1_000; pages++) {
        const page = await reader.read(tenant, cursor, { maxBlocks });
        found.push(...page.events.map(({ event }) => event.data.fact));
        if (!page.hasMore) return found;
        cursor = page.next;
      }
      assert.fail('the log does not end');
    },
  };
}

export type LogWorld = ReturnType<typeof createLogWorld>;

/** A client that dies before or after its call of this number (from 0). */
export function dyingClient(client: DynamoDBClient, call: number, when: 'before' | 'after') {
  let calls = 0;
  const send = async (command: Parameters<DynamoDBClient['send']>[0]) => {
    const isLast = calls++ === call;
    if (isLast && when === 'before') throw new Error('The process is gone.');
    const answer = await client.send(command);
    if (isLast) throw new Error('The process is gone.');
    return answer;
  };
  return { client: { send } as unknown as Client, hasDied: () => calls > call };
}
