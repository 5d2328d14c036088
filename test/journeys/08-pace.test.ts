import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { aMail, request, withCloud } from '../support/journey.ts';
import { deadLettersIn } from '../support/queues.ts';

describe('pace', () => {
  for (const { mails, rate } of [
    { mails: 200, rate: 40 },
    { mails: 1_000, rate: 200 },
  ]) {
    test(`a burst of ${mails} at ${rate} a second is delivered whole, and SES refuses none of it`, {
      timeout: 120_000,
    }, async () => {
      await withCloud({ environment: { POSTLANE_SES_SEND_RATE: String(rate) } }, async (cloud) => {
        for (let from = 0; from < mails; from += 100) {
          const batch = Array.from({ length: 100 }, (_, index) =>
            aMail({ to: `burst-${from + index}@example.org` }),
          );
          assert.equal((await request(cloud, 'POST', '/emails/batch', batch)).status, 200);
        }
        await eventually(async () => assert.equal((await cloud.inbox()).length, mails), 90_000);

        const recipients = (await cloud.inbox()).flatMap(({ envelope }) => envelope.to);
        assert.equal(new Set(recipients).size, mails);
        const ses = (await (await fetch(`${cloud.url}/_local/ses`)).json()) as { refused: object };
        assert.deepEqual(ses.refused, {});
        assert.equal(await deadLettersIn(cloud), 0);
        const { operations } = await cloud.usage();
        const writes = operations.find(
          (row) => row.function === 'send-message' && row.operation === 'PutItem',
        );
        assert.ok((writes?.requests ?? 0) <= mails / 10, `${writes?.requests} writes of pace and reputation`);
      });
    });
  }
});
