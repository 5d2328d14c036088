import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/base/eventually.ts';
import { aMail, passMinutes, recipientsIn, request } from '../support/journeys/journey.ts';
import { startTestCloud, type TestCloud } from '../support/journeys/local-cloud.ts';
import { deadLettersIn } from '../support/journeys/queues.ts';

/** Workers look at the state of a stream every two seconds. */
const PAUSE_HOLDS_WITHIN_SECONDS = 3;

async function sendBatches(cloud: TestCloud, count: number, stream: string, label = stream): Promise<void> {
  for (let from = 0; from < count; from += 100) {
    const batch = Array.from({ length: Math.min(100, count - from) }, (_, index) =>
      aMail({ to: `${label}-${from + index}@example.org`, stream }),
    );
    assert.equal((await request(cloud, 'POST', '/emails/batch', batch)).status, 200);
  }
}

const change = (cloud: TestCloud, stream: string, status: string) =>
  request(cloud, 'PATCH', `/streams/${stream}`, { status });

/** What has left, once nothing more is on its way. */
async function untilQuiet(cloud: TestCloud, prefix: string): Promise<number> {
  let left = -1;
  await eventually(async () => {
    const before = left;
    left = (await recipientsIn(cloud, prefix)).length;
    await sleep(500);
    assert.equal(left, before);
  });
  return left;
}

describe('the guard', () => {
  let cloud: TestCloud;
  before(async () => {
    cloud = await startTestCloud({ environment: { POSTLANE_SES_SEND_RATE: '100' } });
  });
  after(() => cloud.close());

  test('pauses a stream whose mail bounces, and no other; its mail is held and leaves when it goes on', async () => {
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

    await cloud.advance(PAUSE_HOLDS_WITHIN_SECONDS);
    await sendBatches(cloud, 5, 'broadcast');
    await sendBatches(cloud, 5, 'transactional');
    await eventually(async () => assert.equal((await cloud.inbox()).length, 5));
    assert.equal((await recipientsIn(cloud, 'transactional-')).length, 5);

    assert.equal((await change(cloud, 'broadcast', 'active')).body.status, 'active');
    await eventually(async () => assert.equal((await cloud.inbox()).length, 10));
    const { reputation } = (await request(cloud, 'GET', '/streams/broadcast')).body;
    assert.equal((reputation as Record<string, unknown>).bounced, 0, 'it is judged anew');
  });

  test('a pause during a batch of a thousand holds what has not left, and all of it arrives once', async () => {
    await sendBatches(cloud, 1_000, 'broadcast', 'thousand');
    await change(cloud, 'broadcast', 'paused');
    await cloud.advance(PAUSE_HOLDS_WITHIN_SECONDS);
    const left = await untilQuiet(cloud, 'thousand');
    assert.ok(left < 1_000, `${left} had left`);
    await cloud.advance(PAUSE_HOLDS_WITHIN_SECONDS);
    assert.equal(await untilQuiet(cloud, 'thousand'), left);

    await change(cloud, 'broadcast', 'active');
    await eventually(async () => assert.equal((await recipientsIn(cloud, 'thousand')).length, 1_000));
    assert.equal(new Set(await recipientsIn(cloud, 'thousand')).size, 1_000);
    assert.equal(await deadLettersIn(cloud), 0);
  });

  test('mail of a long pause waits as due rows, and leaves within half an hour of its end', async () => {
    await change(cloud, 'broadcast', 'paused');
    await cloud.advance(PAUSE_HOLDS_WITHIN_SECONDS);
    await cloud.resetUsage();
    await sendBatches(cloud, 10, 'broadcast', 'long');
    const parked = async () => {
      const { operations } = await cloud.usage();
      return operations.find((row) => row.function === 'send-message' && row.operation === 'PutItem');
    };
    await cloud.advance(3_700);
    await eventually(async () => assert.ok(((await parked())?.requests ?? 0) >= 10));
    assert.deepEqual(await recipientsIn(cloud, 'long'), []);

    await change(cloud, 'broadcast', 'active');
    await passMinutes(cloud, 32);
    await eventually(async () => assert.equal((await recipientsIn(cloud, 'long')).length, 10));
    assert.equal(new Set(await recipientsIn(cloud, 'long')).size, 10);
  });
});
