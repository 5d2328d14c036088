import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { aMail, request, withCloud } from '../support/journey.ts';
import { deadLettersIn } from '../support/queues.ts';

const SEND_RATE = 40;
const MAILS = 200;

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
});
