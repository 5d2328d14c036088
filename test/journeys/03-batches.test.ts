import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../support/base/eventually.ts';
import { aMail, recipientsIn, request } from '../support/journeys/journey.ts';
import { startTestCloud, type TestCloud } from '../support/journeys/local-cloud.ts';

describe('batches', () => {
  let cloud: TestCloud;
  before(async () => {
    cloud = await startTestCloud();
  });
  after(() => cloud.close());

  test('a strict batch with one bad item stores nothing and a permissive one tells which', async () => {
    const items = [aMail(), aMail({ to: 'not an address' }), aMail()];

    const strict = await request(cloud, 'POST', '/emails/batch', items);
    assert.equal(strict.status, 422);
    assert.deepEqual((await request(cloud, 'GET', '/emails')).body.data, []);

    const permissive = await request(cloud, 'POST', '/emails/batch', items, {
      'x-batch-validation': 'permissive',
    });
    assert.equal(permissive.status, 200);
    assert.equal((permissive.body.data as unknown[]).length, 2);
    assert.deepEqual(
      (permissive.body.errors as { index: number }[]).map((error) => error.index),
      [1],
    );
  });

  test('500 messages in five batches are delivered, each exactly once', async () => {
    const batches = Array.from({ length: 5 }, (_, batch) =>
      Array.from({ length: 100 }, (_, index) => aMail({ to: `reader-${batch}-${index}@example.org` })),
    );
    const answers = await Promise.all(batches.map((batch) => request(cloud, 'POST', '/emails/batch', batch)));
    for (const answer of answers) {
      assert.equal(answer.status, 200);
      assert.equal((answer.body.data as unknown[]).length, 100);
    }

    const arrived = () => recipientsIn(cloud, 'reader-');
    await eventually(async () => assert.equal((await arrived()).length, 500));
    const recipients = await arrived();
    assert.equal(new Set(recipients).size, 500);
  });

  test('the same idempotency key answers with the same ids and sends nothing again', async () => {
    const headers = { 'idempotency-key': 'order-42' };
    const mail = aMail({ to: 'once@example.org' });
    const first = await request(cloud, 'POST', '/emails', mail, headers);
    const again = await request(cloud, 'POST', '/emails', mail, headers);
    const other = await request(cloud, 'POST', '/emails', { ...mail, subject: 'Other' }, headers);

    assert.deepEqual(again.body, first.body);
    assert.equal(other.status, 409);
    assert.equal(other.body.name, 'invalid_idempotent_request');
    await eventually(async () => assert.equal((await cloud.inbox('once@example.org')).length, 1));
  });
});
