import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { createMetricCounters } from '../../../../shared/metrics/adapters/metric-counters-table.ts';
import type { HourCounters } from '../../../../shared/metrics/hour-counters.ts';
import { foldLog } from '../../../../shared/metrics/services/fold-metrics.ts';
import { type DisturbedClient, disturb } from '../../../support/aws/disturbed-client.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { anEvent, createMemoryEventLog } from '../../../support/event-log/memory-event-log.ts';
import { NOON } from '../../../support/messages/message-builders.ts';

const HOUR = '2026-11-23T12';

function anHour(overrides: Partial<HourCounters> = {}): HourCounters {
  return {
    hour: HOUR,
    upTo: 3,
    domains: new Map([['example.com', { delivered: [1, 0, 2, 0], sent: [0, 0, 0, 5] }]]),
    ...overrides,
  };
}

describe('counters in the events table', () => {
  let client: DynamoDBClient;
  let disturbed: DisturbedClient;
  let stop: () => Promise<void>;
  let tenants = 0;

  before(async () => {
    ({ client, stop } = await startDynalite());
    disturbed = disturb(client);
  });
  beforeEach(() => disturbed.heal());
  after(() => stop());

  const world = () => {
    tenants += 1;
    return { counters: createMetricCounters(client, 'events'), tenant: `t${tenants}` };
  };

  test('an hour is read as it was written', async () => {
    const { counters, tenant } = world();
    assert.equal(await counters.get(tenant, HOUR), undefined);
    assert.equal(await counters.replace(tenant, undefined, anHour()), true);
    assert.deepEqual(await counters.get(tenant, HOUR), anHour());
    assert.equal(await counters.get(`${tenant}x`, HOUR), undefined);
  });

  test('an hour is written only in place of the one that was read', async () => {
    const { counters, tenant } = world();
    assert.equal(await counters.replace(tenant, anHour(), anHour({ upTo: 4 })), false);
    await counters.replace(tenant, undefined, anHour());
    assert.equal(await counters.replace(tenant, undefined, anHour({ upTo: 9 })), false);
    assert.equal(await counters.replace(tenant, anHour({ upTo: 2 }), anHour({ upTo: 9 })), false);
    assert.equal(await counters.replace(tenant, anHour(), anHour({ upTo: 4 })), true);
    assert.equal((await counters.get(tenant, HOUR))?.upTo, 4);
  });

  test('nothing is folded at first, and the folded position never moves back', async () => {
    const { counters, tenant } = world();
    assert.equal(await counters.foldedUpTo(tenant), 0);
    await counters.advance(tenant, 7);
    await counters.advance(tenant, 5);
    assert.equal(await counters.foldedUpTo(tenant), 7);
  });

  test('a range has its first and its last hour, and not the folded position', async () => {
    const { counters, tenant } = world();
    await counters.advance(tenant, 7);
    for (const hour of ['2026-11-22T23', '2026-11-23T00', '2026-11-23T11', HOUR, '2026-11-23T13'])
      await counters.replace(tenant, undefined, anHour({ hour }));
    const found = await counters.range(tenant, '2026-11-23T00', HOUR);
    assert.deepEqual(
      found.map(({ hour }) => hour),
      ['2026-11-23T00', '2026-11-23T11', HOUR],
    );
    assert.deepEqual(found[2], anHour());
    assert.equal((await counters.range(tenant, '2026', '2027')).length, 5);
  });

  test('an hour is kept for longer than the 400 days that can be asked for', async () => {
    const { counters, tenant } = world();
    await counters.replace(tenant, undefined, anHour());
    const Key = marshall({ bucket: `metrics#${tenant}`, item: HOUR });
    const { Item = {} } = await client.send(new GetItemCommand({ TableName: 'events', Key }));
    assert.equal(unmarshall(Item).expiresAtEpochSeconds, NOON / 1000 + 402 * 86_400);
  });

  test('five folders at once count five thousand events once', async () => {
    const { counters, tenant } = world();
    const log = createMemoryEventLog();
    for (let block = 0; block < 50; block++)
      log.append(
        Array.from({ length: 100 }, () => anEvent()),
        tenant,
      );
    const deps = { blocks: log.reader, counters, clock: { nowEpochMs: () => NOON } };
    await Promise.all(Array.from({ length: 5 }, () => foldLog(tenant, () => true, deps)));
    assert.deepEqual(
      (await counters.get(tenant, HOUR))?.domains,
      new Map([['example.com', { delivered: [5_000, 0, 0, 0] }]]),
    );
  });

  test('five thousand events cost two reads and two writes, and no events one read', async () => {
    const { counters, tenant } = world();
    const log = createMemoryEventLog();
    const deps = { blocks: log.reader, counters, clock: { nowEpochMs: () => NOON } };
    const calls = () => disturbed.calls.splice(0).map(({ name }) => name);
    await foldLog(tenant, () => true, deps);
    assert.deepEqual(calls(), ['GetItemCommand']);
    for (let block = 0; block < 50; block++)
      log.append(
        Array.from({ length: 100 }, () => anEvent()),
        tenant,
      );
    await foldLog(tenant, () => true, deps);
    assert.deepEqual(calls(), ['GetItemCommand', 'GetItemCommand', 'PutItemCommand', 'PutItemCommand']);
  });

  test('an hour of mail from one domain is less than one written unit', async () => {
    const { counters, tenant } = world();
    const log = createMemoryEventLog();
    const types = [
      'email.sent',
      'email.delivered',
      'email.opened',
      'email.clicked',
      'email.bounced',
    ] as const;
    for (let quarter = 0; quarter < 4; quarter++)
      for (const type of types)
        log.append(
          [
            anEvent({
              type,
              recipientCount: 123_456,
              createdAt: new Date(NOON + quarter * 900_000).toISOString(),
            }),
          ],
          tenant,
        );
    await foldLog(tenant, () => true, {
      ...{ blocks: log.reader, counters },
      clock: { nowEpochMs: () => NOON + 2 * 86_400_000 },
    });
    const put = disturbed.calls.find(({ name }) => name === 'PutItemCommand');
    assert.ok(JSON.stringify(put?.input.Item).length < 1024);
  });
});
