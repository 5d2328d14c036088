import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createStreamStates } from '../../../../shared/streams/adapters/stream-states-table.ts';
import { createWarmUpLedger } from '../../../../shared/warm-up/adapters/warm-up-ledger-table.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { type ControlWorld, startControlWorld } from '../../../support/control-api/control-world.ts';
import { NOON } from '../../../support/messages/message-builders.ts';
import { aStream, buildStreams } from '../../../support/streams/stream-builders.ts';

const streams = buildStreams([
  aStream({ ratePercent: 60 }),
  aStream({
    ...{ name: 'news', kind: 'broadcast', pool: 'standard', ratePercent: 40, poolName: 'news-pool' },
    warmUp: { plan: { start: 100, growth: 2, target: 1000 }, providers: { gmail: [10, 20] }, waits: false },
    tracking: { opens: true, clicks: false },
  }),
]);

describe('streams', () => {
  let client: DynamoDBClient;
  let world: ControlWorld;
  let stopDynalite: () => Promise<void>;
  let token: string;

  before(async () => {
    ({ client, stop: stopDynalite } = await startDynalite());
    world = await startControlWorld(client, { streams });
    token = await world.key();
  });
  after(async () => {
    await world.stop();
    await stopDynalite();
  });

  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${world.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: answers are read as a caller would read JSON
    return { status: response.status, body: (await response.json()) as any };
  };

  test('streams are listed as the config declares them', async () => {
    const { status, body } = await ask('GET', '/streams');
    assert.equal(status, 200);
    assert.deepEqual([body.object, body.has_more], ['list', false]);
    assert.deepEqual(
      body.data.map((each: Record<string, unknown>) => [each.name, each.kind, each.status, each.pool]),
      [
        ['transactional', 'transactional', 'active', 'shared'],
        ['news', 'broadcast', 'active', 'standard'],
      ],
    );
  });

  test('streams say how mail is tracked that says nothing itself, and null where none ever is', async () => {
    const { body } = await ask('GET', '/streams');
    const trackings = body.data.map((each: Record<string, unknown>) => each.tracking);
    assert.deepEqual(trackings, [null, { opens: true, clicks: false }]);
  });

  test('streams say whether their mail has links that end it', async () => {
    const { body } = await ask('GET', '/streams');
    assert.deepEqual(
      body.data.map(({ unsubscribe }: Record<string, unknown>) => unsubscribe),
      [false, true],
    );
  });

  test('streams say nothing of a day while their pool has no address', async () => {
    const { body } = await ask('GET', '/streams/news');
    assert.deepEqual([body.object, body.pool_name, body.ips], ['stream', 'news-pool', []]);
    assert.deepEqual(body.warm_up, { day: null, overflow: 'send' });
    assert.equal((await ask('GET', '/streams/transactional')).body.warm_up, null);
  });

  test("streams show today's volume and what became of it, for each provider that has a plan", async () => {
    const clock = { nowEpochMs: () => NOON };
    const states = createStreamStates({ client, tableName: 'catalog', clock });
    await states.setPoolIps('news', ['192.0.2.1'], NOON);
    assert.equal((await ask('PATCH', '/streams/news', { warm_up_day: 2 })).status, 200);
    const ledger = createWarmUpLedger(client, 'catalog');
    const day = new Date(world.time.nowEpochMs).toISOString().slice(0, 10);
    await ledger.lease({ stream: 'news', day, provider: 'gmail' }, 5, 5);
    await ledger.countOverflow({ stream: 'news', day, provider: 'all' }, 7);

    const { body } = await ask('GET', '/streams/news');
    assert.deepEqual(body.ips, ['192.0.2.1']);
    assert.deepEqual(
      { ...body.warm_up, started_on: undefined },
      {
        ...{ day: 2, overflow: 'send', started_on: undefined, allowance: 200, used: 0, overflowed: 7 },
        providers: [{ name: 'gmail', allowance: 20, used: 5, overflowed: 0 }],
      },
    );
  });

  test('streams are paused, say by whom and why, and go on', async () => {
    const paused = await ask('PATCH', '/streams/transactional', { status: 'paused' });
    assert.deepEqual([paused.status, paused.body.status, paused.body.paused_by], [200, 'paused', 'operator']);
    assert.match(paused.body.reason, /API key/);
    assert.equal((await ask('GET', '/streams/news')).body.status, 'active');
    const active = await ask('PATCH', '/streams/transactional', { status: 'active' });
    assert.deepEqual([active.body.status, active.body.paused_by, active.body.reason], ['active', null, null]);
  });

  const wrong: readonly [string, string, unknown, number, RegExp][] = [
    ['an unknown stream', '/streams/other', { status: 'paused' }, 404, /There are: transactional, news/],
    ['an unknown status', '/streams/news', { status: 'off' }, 422, /`active` or `paused`/],
    ['no change', '/streams/news', {}, 422, /Nothing to change/],
    ['half a day', '/streams/news', { warm_up_day: 1.5 }, 422, /whole number from 1 to 1000/],
    ['a day without a plan', '/streams/transactional', { warm_up_day: 1 }, 422, /`transactional` has none/],
    ['both, one of them wrong', '/streams/news', { warm_up_day: 3, status: 5 }, 422, /`status`/],
  ];
  for (const [what, path, body, status, message] of wrong)
    test(`refuses a change of a stream: ${what}`, async () => {
      const answer = await ask('PATCH', path, body);
      assert.equal(answer.status, status);
      assert.match(answer.body.message, message);
    });
});
