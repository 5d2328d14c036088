import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { createWebhookDeliveriesTable } from '../../../../shared/webhooks/adapters/webhook-deliveries-table.ts';
import type { DeliveryState, WebhookDelivery } from '../../../../shared/webhooks/ports.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { NOON } from '../../../support/messages/message-builders.ts';
import { aDelivery, anAttempt } from '../../../support/webhooks/webhook-builders.ts';

const DAY_SECONDS = 86_400;

/** Few enough that events meet again, on both sides of a second. */
const MOMENTS = fc.constantFrom(0, 1, 500, 999, 1_000, 1_001, 2_000, 2_999);

interface Put {
  readonly facts: readonly { readonly ms: number; readonly fact: number }[];
  readonly state: DeliveryState | 'at once';
}

describe('deliveries of a webhook', () => {
  let client: DynamoDBClient;
  let stop: () => Promise<void>;
  const time = { nowEpochMs: NOON };

  before(async () => {
    ({ client, stop } = await startDynalite());
  });
  after(() => stop());

  const open = () =>
    createWebhookDeliveriesTable({
      ...{ client, tableName: 'events', jitter: () => 0.5 },
      clock: { nowEpochMs: () => time.nowEpochMs },
    });

  const itemsOf = async (webhookId: string) => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: 'events',
        KeyConditionExpression: '#bucket = :bucket',
        ExpressionAttributeNames: { '#bucket': 'bucket' },
        ExpressionAttributeValues: marshall({ ':bucket': `webhook#${webhookId}` }),
      }),
    );
    return Items.map((item) => unmarshall(item));
  };

  /** A success at the first attempt, as the list shows it: its answer is not kept. */
  const aSuccess = (createdAtEpochMs: number, fact: string) =>
    aDelivery(
      { attempts: [anAttempt(createdAtEpochMs - NOON + 80, { response: '' })] },
      createdAtEpochMs,
      fact,
    );

  const listAll = async (webhookId: string, limit: number): Promise<readonly WebhookDelivery[]> => {
    const table = open();
    const found: WebhookDelivery[] = [];
    for (let hasMore = true; hasMore; ) {
      const last = found.at(-1);
      const page = await table.list(webhookId, { limit, ...(last && { after: last.eventId }) });
      assert.ok(page.deliveries.length <= limit);
      if (page.hasMore) assert.equal(page.deliveries.length, limit);
      found.push(...page.deliveries);
      hasMore = page.hasMore;
    }
    return found;
  };

  test('ten successes of a second are one written unit, and read back whole', async () => {
    const deliveries = Array.from({ length: 10 }, (_, index) => aSuccess(NOON + index * 40, `fact ${index}`));
    await open().putSuccesses('ten', deliveries);
    const items = await itemsOf('ten');
    assert.equal(items.length, 1);
    assert.ok(Buffer.byteLength(JSON.stringify(items[0]?.item)) + items[0]?.deliveries.length < 900);
    assert.equal(items[0]?.expiresAtEpochSeconds, NOON / 1000 + 30 * DAY_SECONDS);
    assert.deepEqual(await listAll('ten', 100), deliveries.toReversed());
    for (const delivery of deliveries) assert.deepEqual(await open().get('ten', delivery.eventId), delivery);
  });

  test('successes at once are an item for each of their seconds, and for each hundred', async () => {
    const later = Array.from({ length: 250 }, (_, index) => aSuccess(NOON + 1_000 + index, `later ${index}`));
    await open().putSuccesses('many', [aSuccess(NOON, 'first'), ...later]);
    assert.equal((await itemsOf('many')).length, 4);
    assert.equal((await listAll('many', 100)).length, 251);
  });

  test('deliveries keep the time that an event gives itself, in any form', async () => {
    const delivery = { ...aSuccess(NOON, 'odd'), createdAt: '2026-11-23T12:00:00Z' };
    await open().putSuccesses('odd', [delivery]);
    assert.deepEqual((await listAll('odd', 5))[0], delivery);
  });

  test('a delivery that is put twice is listed once, with the attempts of both times', async () => {
    const [first, second] = [aSuccess(NOON, 'one'), aSuccess(NOON + 10, 'two')];
    await open().putSuccesses('twice', [first, second]);
    await open().putSuccesses('twice', [first, second]);
    assert.equal((await itemsOf('twice')).length, 1);
    const again = { ...first, attempts: [anAttempt(5_000, { response: '' })] };
    await open().putSuccesses('twice', [again]);
    const both = { ...first, attempts: [...first.attempts, ...again.attempts] };
    assert.deepEqual(await listAll('twice', 5), [second, both]);
    assert.deepEqual(await open().get('twice', first.eventId), both);
  });

  test('a delivery that failed has all its attempts, and where it stands', async () => {
    const failures = [anAttempt(0, { httpStatusCode: 500 }), anAttempt(5_000, { httpStatusCode: 0 })];
    const pending = aDelivery({ state: 'pending', attempts: failures.slice(0, 1), nextAttemptAt: '…' });
    const table = open();
    await table.put('failed', pending);
    assert.deepEqual(await table.get('failed', pending.eventId), pending);
    const { nextAttemptAt: _next, ...rest } = pending;
    await table.put('failed', { ...rest, state: 'failed', attempts: failures.slice(1) });
    const failed = { ...rest, state: 'failed', attempts: failures };
    assert.deepEqual(await listAll('failed', 5), [failed]);
    assert.equal((await itemsOf('failed')).length, 1);
  });

  test('deliveries never lose a success, neither one at once nor one after failures', async () => {
    const table = open();
    const [atOnce, late] = [aSuccess(NOON, 'at once'), aDelivery({ state: 'success' }, NOON + 1, 'late')];
    await table.putSuccesses('kept', [atOnce]);
    await table.put('kept', late);
    const failure = anAttempt(9_000, { httpStatusCode: 503 });
    for (const delivery of [atOnce, late])
      for (const state of ['attempting', 'pending', 'failed'] as const)
        await table.put('kept', { ...delivery, state, attempts: [failure], nextAttemptAt: '…' });
    const withFailure = (delivery: WebhookDelivery) => ({
      ...delivery,
      attempts: [...delivery.attempts, failure],
    });
    assert.deepEqual(await listAll('kept', 5), [withFailure(late), withFailure(atOnce)]);
    assert.deepEqual(await table.get('kept', atOnce.eventId), withFailure(atOnce));
    assert.deepEqual(await table.get('kept', late.eventId), withFailure(late));
  });

  test('deliveries lose no attempt of writers at the same time', async () => {
    const attempts = Array.from({ length: 5 }, (_, index) => anAttempt(index, { httpStatusCode: 500 }));
    await Promise.all(
      attempts.map((attempt) => open().put('shared', aDelivery({ state: 'failed', attempts: [attempt] }))),
    );
    assert.deepEqual((await open().get('shared', aDelivery().eventId))?.attempts, attempts);
  });

  test('deliveries keep the newest 25 attempts, and a KB of each answer, cut between characters', async () => {
    const attempts = Array.from({ length: 30 }, (_, index) => anAttempt(index, { httpStatusCode: 500 }));
    await open().put('long', aDelivery({ state: 'failed', attempts }));
    const answer = anAttempt(99, { response: 'a'.repeat(1_021) + '€'.repeat(10) });
    await open().put('long', aDelivery({ state: 'failed', attempts: [answer] }));
    const known = (await open().get('long', aDelivery().eventId))?.attempts ?? [];
    assert.deepEqual(known.slice(0, -1), attempts.slice(6));
    assert.equal(known.at(-1)?.response, `${'a'.repeat(1_021)}€`);
  });

  test('ten answers of a KB that are alike are one written unit', async () => {
    const page = '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>'.repeat(20);
    const attempts = Array.from({ length: 10 }, (_, index) =>
      anAttempt(index * 60_000, { httpStatusCode: 502, response: page.slice(0, 1_024) }),
    );
    await open().put('page', aDelivery({ state: 'failed', attempts }));
    const [item] = await itemsOf('page');
    assert.ok(item?.state.attempts.length < 700, String(item?.state.attempts.length));
  });

  test('each is forgotten 30 days after it was last written, also before it is removed', async () => {
    const table = open();
    await table.putSuccesses('old', [aSuccess(NOON, 'early')]);
    time.nowEpochMs = NOON + 1_000;
    await table.put('old', aDelivery({ state: 'failed' }, NOON, 'late'));
    time.nowEpochMs = NOON + 30 * DAY_SECONDS * 1000 - 1;
    assert.equal((await listAll('old', 5)).length, 2);
    time.nowEpochMs += 1;
    assert.deepEqual(
      (await listAll('old', 5)).map(({ state }) => state),
      ['failed'],
    );
    assert.equal(await table.get('old', aSuccess(NOON, 'early').eventId), undefined);
    time.nowEpochMs = NOON;
  });

  test('those of one webhook are not those of another, and unknown events are not there', async () => {
    await open().putSuccesses('mine', [aSuccess(NOON, 'mine')]);
    assert.equal(await open().get('min', aSuccess(NOON, 'mine').eventId), undefined);
    assert.equal(await open().get('mine', aSuccess(NOON, 'yours').eventId), undefined);
    assert.deepEqual(await open().list('nobody', { limit: 5 }), { deliveries: [], hasMore: false });
  });

  test('a list of deliveries goes on after an event that is not there any more', async () => {
    const deliveries = [0, 400, 1_000].map((offset) => aSuccess(NOON + offset, `fact ${offset}`));
    await open().putSuccesses('cursor', deliveries);
    const after = aDelivery({}, NOON + 700, 'gone').eventId;
    const page = await open().list('cursor', { limit: 1, after });
    assert.deepEqual(page, { deliveries: [deliveries[1]], hasMore: true });
  });

  /** Puts the same state of several events. */
  async function apply(webhookId: string, { facts, state }: Put, index: number) {
    const deliveries = facts.map(({ ms, fact }) =>
      aDelivery(
        { state: state === 'at once' ? 'success' : state, attempts: [anAttempt(index)] },
        NOON + ms,
        String(fact),
      ),
    );
    if (state === 'at once') await open().putSuccesses(webhookId, deliveries);
    else await Promise.all(deliveries.map((delivery) => open().put(webhookId, delivery)));
    return deliveries;
  }

  test('any puts are listed once each, newest event first, in pages of any size', async () => {
    const put: fc.Arbitrary<Put> = fc.record({
      facts: fc.uniqueArray(fc.record({ ms: MOMENTS, fact: fc.nat(1) }), {
        ...{ minLength: 1, maxLength: 6, selector: ({ ms, fact }) => `${ms} ${fact}` },
      }),
      state: fc.constantFrom('at once', 'success', 'pending', 'failed'),
    });
    const puts = fc.array(put, { minLength: 1, maxLength: 8 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(puts, fc.integer({ min: 1, max: 20 }), async (all, limit) => {
        const webhookId = `property-${run++}`;
        const given: WebhookDelivery[] = [];
        for (const [index, each] of all.entries()) given.push(...(await apply(webhookId, each, index)));

        const listed = await listAll(webhookId, limit);
        assert.deepEqual(
          listed.map(({ eventId }) => eventId),
          [...new Set(given.map(({ eventId }) => eventId))].sort().reverse(),
        );
        const succeeded = given.filter(({ state }) => state === 'success').map(({ eventId }) => eventId);
        for (const { eventId, state } of listed)
          assert.equal(state === 'success', succeeded.includes(eventId), eventId);
      }),
      { numRuns: 25 },
    );
  });
});
