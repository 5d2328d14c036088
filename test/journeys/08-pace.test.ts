import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';
import { aMail, request, withCloud } from '../support/journey.ts';
import { deadLettersIn } from '../support/queues.ts';

const SEND_RATE = 40;
const MAILS = 200;
/** Workers look at the state of a stream every two seconds. */
const PAUSE_HOLDS_WITHIN_MS = 3_000;

describe('pace', () => {
  test('a burst beyond the rate of SES is delivered whole, and SES refuses none of it', async () => {
    await withCloud({ environment: { POSTLANE_SES_SEND_RATE: String(SEND_RATE) } }, async (cloud) => {
      for (let from = 0; from < MAILS; from += 100) {
        const batch = Array.from({ length: 100 }, (_, index) =>
          aMail({ to: `burst-${from + index}@example.org` }),
        );
        assert.equal((await request(cloud, 'POST', '/emails/batch', batch)).status, 200);
      }
      await eventually(async () => assert.equal((await cloud.inbox()).length, MAILS), 30_000);

      const ses = (await (await fetch(`${cloud.url}/_local/ses`)).json()) as { refused: object };
      assert.deepEqual(ses.refused, {});
      assert.equal(await deadLettersIn(cloud), 0);
      const { operations } = await cloud.usage();
      const writes = operations.find((row) => row.function === 'send-message' && row.operation === 'PutItem');
      assert.ok((writes?.requests ?? 0) <= MAILS / 10, `${writes?.requests} pace writes`);
    });
  });

  test('a stream that is paused holds its mail and no other, and sends all of it once when it goes on', async () => {
    await withCloud({ environment: { POSTLANE_SES_SEND_RATE: String(SEND_RATE) } }, async (cloud) => {
      const news = Array.from({ length: 100 }, (_, index) =>
        aMail({ to: `news-${index}@example.org`, stream: 'broadcast' }),
      );
      assert.equal((await request(cloud, 'POST', '/emails/batch', news)).status, 200);
      assert.equal((await request(cloud, 'PATCH', '/streams/broadcast', { status: 'paused' })).status, 200);
      await sleep(PAUSE_HOLDS_WITHIN_MS);
      const before = (await cloud.inbox()).length;
      assert.ok(before < news.length, `${before} had left`);

      await request(cloud, 'POST', '/emails', aMail({ to: 'receipt@example.org' }));
      await eventually(async () => assert.equal((await cloud.inbox('receipt@example.org')).length, 1));
      assert.equal((await cloud.inbox()).length, before + 1);

      assert.equal((await request(cloud, 'PATCH', '/streams/broadcast', { status: 'active' })).status, 200);
      await eventually(async () => {
        await cloud.advance(10);
        assert.equal((await cloud.inbox()).length, news.length + 1);
      }, 30_000);
      const recipients = (await cloud.inbox()).flatMap(({ envelope }) => envelope.to);
      assert.equal(new Set(recipients).size, news.length + 1);
    });
  });
});
