import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/base/eventually.ts';
import { aMail, request, withCloud } from '../support/journeys/journey.ts';
import type { TestCloud } from '../support/journeys/local-cloud.ts';
import { deadLettersIn } from '../support/journeys/queues.ts';

/** Workers look at the state of a stream every two seconds. */
const PAUSE_HOLDS_WITHIN_MS = 3_000;

async function sendBatches(cloud: TestCloud, count: number, stream: string): Promise<void> {
  for (let from = 0; from < count; from += 100) {
    const batch = Array.from({ length: Math.min(100, count - from) }, (_, index) =>
      aMail({ to: `${stream}-${from + index}@example.org`, stream }),
    );
    assert.equal((await request(cloud, 'POST', '/emails/batch', batch)).status, 200);
  }
}

const change = (cloud: TestCloud, stream: string, status: string) =>
  request(cloud, 'PATCH', `/streams/${stream}`, { status });

async function recipientsOf(cloud: TestCloud): Promise<readonly string[]> {
  return (await cloud.inbox()).flatMap(({ envelope }) => envelope.to);
}

describe('the guard', () => {
  test('pauses a stream whose mail bounces, and no other; its mail is held and leaves when it goes on', async () => {
    await withCloud({}, async (cloud) => {
      const bad = Array.from({ length: 40 }, (_, index) =>
        aMail({ to: `bounce+${index}@simulator.amazonses.com`, stream: 'broadcast' }),
      );
      assert.equal((await request(cloud, 'POST', '/emails/batch', bad)).status, 200);
      await eventually(async () => {
        const { body } = await request(cloud, 'GET', '/streams/broadcast');
        assert.equal(body.status, 'paused');
        assert.equal(body.paused_by, 'guard');
        assert.match(String(body.reason), /^bounce_rate: /);
        const { standing, bounced } = body.reputation as Record<string, unknown>;
        assert.deepEqual([standing, bounced], ['pause', 40]);
      });

      await sleep(PAUSE_HOLDS_WITHIN_MS);
      await sendBatches(cloud, 5, 'broadcast');
      await sendBatches(cloud, 5, 'transactional');
      await eventually(async () => assert.equal((await cloud.inbox()).length, 5));
      assert.ok((await recipientsOf(cloud)).every((to) => to.startsWith('transactional-')));

      assert.equal((await change(cloud, 'broadcast', 'active')).body.status, 'active');
      await eventually(async () => assert.equal((await cloud.inbox()).length, 10));
      const { reputation } = (await request(cloud, 'GET', '/streams/broadcast')).body;
      assert.equal((reputation as Record<string, unknown>).bounced, 0, 'it is judged anew');
    });
  });

  test('a pause during a batch of a thousand holds what has not left, and all of it arrives once', async () => {
    await withCloud({ environment: { POSTLANE_SES_SEND_RATE: '200' } }, async (cloud) => {
      await sendBatches(cloud, 1_000, 'broadcast');
      await change(cloud, 'broadcast', 'paused');
      await sleep(PAUSE_HOLDS_WITHIN_MS);
      const left = (await cloud.inbox()).length;
      assert.ok(left < 1_000, `${left} had left`);
      await sleep(PAUSE_HOLDS_WITHIN_MS);
      assert.equal((await cloud.inbox()).length, left);

      await change(cloud, 'broadcast', 'active');
      await eventually(async () => assert.equal((await cloud.inbox()).length, 1_000));
      assert.equal(new Set(await recipientsOf(cloud)).size, 1_000);
      assert.equal(await deadLettersIn(cloud), 0);
    });
  });

  test('mail of a long pause waits as due rows, and leaves within half an hour of its end', async () => {
    await withCloud({}, async (cloud) => {
      await change(cloud, 'broadcast', 'paused');
      await sleep(PAUSE_HOLDS_WITHIN_MS);
      await sendBatches(cloud, 10, 'broadcast');
      const parked = async () => {
        const { operations } = await cloud.usage();
        return operations.find((row) => row.function === 'send-message' && row.operation === 'PutItem');
      };
      await cloud.advance(3_700);
      await eventually(async () => assert.ok(((await parked())?.requests ?? 0) >= 10));
      assert.deepEqual(await cloud.inbox(), []);

      await change(cloud, 'broadcast', 'active');
      for (let minute = 0; minute < 32; minute += 1) {
        await cloud.advance(60);
        await sleep(300);
      }
      await eventually(async () => assert.equal((await cloud.inbox()).length, 10));
      assert.equal(new Set(await recipientsOf(cloud)).size, 10);
    });
  });
});
