import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { createLogEras } from '../../../../shared/event-log/adapters/event-log-eras.ts';
import { createEventLogReader } from '../../../../shared/event-log/adapters/event-log-reader.ts';
import { createEventLog } from '../../../../shared/event-log/adapters/event-log-table.ts';
import { decodeLogCursor, encodeLogCursor } from '../../../../shared/event-log/contract/event-log-cursor.ts';
import type { LogCursor } from '../../../../shared/event-log/ports.ts';
import type { PublishedEvent } from '../../../../shared/events/published-event.ts';
import { createIds } from '../../../../shared/runtime/ids.ts';
import { createMemoryTable } from '../../../support/aws/memory-table.ts';
import { readWire, readWireRow, type WireFixture } from '../../../support/base/wire-fixtures.ts';
import { anEntry, anEvent } from '../../../support/event-log/log-builders.ts';
import { NOON } from '../../../support/messages/message-builders.ts';

const clock = { nowEpochMs: () => NOON };
const ROW = readWireRow<{ number: number; events: readonly PublishedEvent[] }>('event-log-block');
const ERA = readWireRow<{ firstNumber: number }>('event-log-era');

/** A table that an earlier version has written to. */
function tableOf(...rows: readonly WireFixture<unknown>[]) {
  const table = createMemoryTable();
  for (const { item } of rows) table.items.set(`${item.bucket?.S} ${item.item?.S}`, item);
  return { table, options: { client: table.client(), tableName: 'events', clock } };
}

/** What this version writes of a first event. */
async function written() {
  const { table, options } = tableOf();
  const log = createEventLog({
    ...options,
    ids: createIds(clock),
    sleep: async () => undefined,
    jitter: () => 0.5,
  });
  await log.append('default', [anEntry(anEvent())]);
  return [...table.items.values()].map((item) => unmarshall(item));
}

describe('rows of the event log as they are stored', () => {
  test('a block gives every event that it had', async () => {
    const { options } = tableOf(ERA, ROW);
    const reader = createEventLogReader(options);
    const { events } = await reader.read('default', undefined, { maxBlocks: 5 });
    assert.deepEqual(
      events.map(({ event }) => event),
      ROW.read.events,
    );
    assert.equal(events.at(-1)?.after.block, ROW.read.number + 1);
  });

  test('an era gives the number that it gave', async () => {
    const firstNumberOf = createLogEras(tableOf(ERA).options);
    assert.equal(await firstNumberOf('default'), ERA.read.firstNumber);
  });

  test('a block and an era have the attributes that they had, and the body its version', async () => {
    const rows = await written();
    const attributesOf = (item: object) => Object.keys(item).sort();
    for (const { item } of [ROW, ERA]) {
      const now = rows.find(({ bucket }) => bucket === item.bucket?.S) ?? {};
      assert.deepEqual(attributesOf(now), attributesOf(item));
      assert.equal(now.body?.[0], item.body?.B?.[0]);
    }
  });

  test('a cursor that was given out leads where it led', () => {
    for (const { text, cursor } of readWire<readonly { text: string; cursor: LogCursor }[]>(
      'event-log-cursors',
    )) {
      assert.deepEqual(decodeLogCursor(text), cursor);
      assert.equal(encodeLogCursor(cursor), text);
    }
  });
});
