import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createWebhookHealthTable } from '../../../../shared/webhooks/adapters/webhook-health-table.ts';
import {
  afterFailure,
  afterSuccess,
  takeProbe,
  UNKNOWN_HEALTH,
  type WebhookHealth,
} from '../../../../shared/webhooks/webhook-health.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { NOON } from '../../../support/messages/message-builders.ts';

describe('what is known of endpoints', () => {
  let client: DynamoDBClient;
  let stop: () => Promise<void>;

  before(async () => {
    ({ client, stop } = await startDynalite());
  });
  after(() => stop());

  /** A process of its own, with the operations that it made. */
  function aProcess() {
    const clock = { now: NOON, nowEpochMs: () => clock.now };
    const calls: string[] = [];
    const counting = {
      send: (command: { constructor: { name: string } }) => {
        calls.push(command.constructor.name);
        return client.send(command as never);
      },
    } as unknown as DynamoDBClient;
    const table = createWebhookHealthTable({ client: counting, tableName: 'catalog', clock });
    const fail = (webhookId: string, times = 1) =>
      Promise.all(
        Array.from({ length: times }, () =>
          table.change(webhookId, (known) => afterFailure(known, clock.now)),
        ),
      );
    return { clock, calls, table, fail };
  }

  test('nothing is known at first', async () => {
    assert.deepEqual(await aProcess().table.find('new'), UNKNOWN_HEALTH);
  });

  test('it is read again after two seconds, also without a change', async () => {
    const [one, other] = [aProcess(), aProcess()];
    await Promise.all([one.table.find('cached'), one.table.find('cached')]);
    await other.fail('cached');
    one.clock.now += 1_999;
    assert.deepEqual(await one.table.find('cached'), UNKNOWN_HEALTH);
    assert.deepEqual(one.calls, ['GetItemCommand']);
    one.clock.now += 1;
    assert.equal((await one.table.find('cached')).failures, 1);
  });

  test('the worker that has changed it knows at once', async () => {
    const { table, calls } = aProcess();
    await table.find('own');
    await table.change('own', (known) => afterSuccess(known, { tookMs: 30, nowEpochMs: NOON }));
    assert.deepEqual(await table.find('own'), { isQuick: true, failures: 0 });
    assert.deepEqual(calls, ['GetItemCommand', 'GetItemCommand', 'PutItemCommand']);
  });

  test('nothing new is not written', async () => {
    const { table, calls } = aProcess();
    await table.change('same', (known) => afterSuccess(known, { tookMs: 9_000, nowEpochMs: NOON }));
    assert.deepEqual(calls, ['GetItemCommand']);
  });

  test('loses no failure of many that come together, in one process and in several', async () => {
    const processes = [aProcess(), aProcess()];
    await Promise.all(processes.map(({ fail }) => fail('many', 10)));
    const health = await aProcess().table.find('many');
    assert.deepEqual([health.failures, health.breaker?.openings], [5, 1]);
    const writes = processes.flatMap(({ calls }) => calls).filter((call) => call === 'PutItemCommand');
    assert.ok(writes.length >= 5 && writes.length <= 10, `${writes.length} writes`);
  });

  test('the health of an endpoint comes back as it was put', async () => {
    const { table } = aProcess();
    const health: WebhookHealth = {
      ...{ isQuick: false, failures: 7, failingSinceEpochMs: NOON - 1, lastFailureEpochMs: NOON },
      breaker: { openings: 3, openUntilEpochMs: NOON + 1, probeUntilEpochMs: NOON + 2 },
    };
    await table.change('whole', () => ({ answer: undefined, state: health }));
    assert.deepEqual(await aProcess().table.find('whole'), health);
  });

  test('gives the probe of a breaker to one of several processes', async () => {
    const opener = aProcess();
    await opener.fail('probed', 5);
    const nowEpochMs = NOON + 5_000;
    const turns = await Promise.all(
      Array.from({ length: 4 }, () =>
        aProcess().table.change('probed', (known) => takeProbe(known, { nowEpochMs, jitter: 0 })),
      ),
    );
    assert.equal(turns.filter(({ kind }) => kind === 'call').length, 1);
    assert.equal(turns.filter(({ kind }) => kind === 'wait').length, 3);
  });

  test('a read that failed is made again, and the next change does not suffer', async () => {
    const { table } = aProcess();
    const broken = createWebhookHealthTable({
      client: { send: () => Promise.reject(new Error('throttled')) } as unknown as DynamoDBClient,
      tableName: 'catalog',
      clock: { nowEpochMs: () => NOON },
    });
    for (let tries = 0; tries < 2; tries += 1) await assert.rejects(broken.find('x'), /throttled/);
    await assert.rejects(table.change('x', () => assert.fail('no')));
    assert.deepEqual(await table.change('x', () => ({ answer: 'yes' })), 'yes');
  });
});
