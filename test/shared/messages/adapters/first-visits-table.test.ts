import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFirstVisits } from '../../../../shared/messages/adapters/first-visits-table.ts';
import { createMemoryTable } from '../../../support/aws/memory-table.ts';
import { readWireRow } from '../../../support/base/wire-fixtures.ts';
import { NOON } from '../../../support/messages/message-builders.ts';

test('a first visit that is stored stays the first', async () => {
  const { item, read } = readWireRow<{ eventId: string }>('first-visit');
  const table = createMemoryTable();
  table.items.set(`${item.bucket?.S} ${item.item?.S}`, item);
  const visits = createFirstVisits({
    client: table.client() as Parameters<typeof createFirstVisits>[0]['client'],
    tableName: 'events',
    clock: { nowEpochMs: () => NOON },
  });
  const [, tenant = '', messageId = ''] = (item.bucket?.S ?? '').split('#');
  const claim = (eventId: string) => visits.claim(tenant, messageId, item.item?.S ?? '', eventId);
  assert.equal(await claim('msg_another'), false);
  assert.equal(await claim(read.eventId), true);
});
