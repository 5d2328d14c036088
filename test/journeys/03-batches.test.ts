import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../support/base/eventually.ts';
import { aMail, request, withCloud } from '../support/journeys/journey.ts';

describe('batches', () => {
  test('500 messages in five batches are delivered, each exactly once', async () => {
    await withCloud({}, async (cloud) => {
      const batches = Array.from({ length: 5 }, (_, batch) =>
        Array.from({ length: 100 }, (_, index) => aMail({ to: `reader-${batch}-${index}@example.org` })),
      );
      const answers = await Promise.all(
        batches.map((batch) => request(cloud, 'POST', '/emails/batch', batch)),
      );
      for (const answer of answers) {
        assert.equal(answer.status, 200);
        assert.equal((answer.body.data as unknown[]).length, 100);
      }

      await eventually(async () => assert.equal((await cloud.inbox()).length, 500));
      const recipients = (await cloud.inbox()).flatMap((mail) => mail.envelope.to);
      assert.equal(new Set(recipients).size, 500);
    });
  });

  test('a strict batch with one bad item stores nothing and a permissive one tells which', async () => {
    await withCloud({}, async (cloud) => {
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
  });

  test('the same idempotency key answers with the same ids and sends nothing again', async () => {
    await withCloud({}, async (cloud) => {
      const headers = { 'idempotency-key': 'order-42' };
      const first = await request(cloud, 'POST', '/emails', aMail(), headers);
      const again = await request(cloud, 'POST', '/emails', aMail(), headers);
      const other = await request(cloud, 'POST', '/emails', aMail({ subject: 'Other' }), headers);

      assert.deepEqual(again.body, first.body);
      assert.equal(other.status, 409);
      assert.equal(other.body.name, 'invalid_idempotent_request');
      await eventually(async () => assert.equal((await cloud.inbox()).length, 1));
    });
  });
});
