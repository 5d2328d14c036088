import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startScriptedSmtp } from '../support/aws/ses-world.ts';
import { eventually } from '../support/base/eventually.ts';
import { aMail, passMinutes, request, withCloud } from '../support/journeys/journey.ts';
import { deadLettersIn } from '../support/journeys/queues.ts';

describe('pace', () => {
  for (const { mails, rate } of [
    { mails: 200, rate: 40 },
    { mails: 1_000, rate: 200 },
  ]) {
    test(`a burst of ${mails} at ${rate} a second is delivered whole, and SES refuses none of it`, async () => {
      await withCloud({ environment: { POSTLANE_SES_SEND_RATE: String(rate) } }, async (cloud) => {
        for (let from = 0; from < mails; from += 100) {
          const batch = Array.from({ length: 100 }, (_, index) =>
            aMail({ to: `burst-${from + index}@example.org` }),
          );
          assert.equal((await request(cloud, 'POST', '/emails/batch', batch)).status, 200);
        }
        await eventually(async () => assert.equal((await cloud.inbox()).length, mails));

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

  test('a mailbox provider that defers our mail gets less of it, and more again once it is quiet', async () => {
    let isBusy = true;
    const smtp = await startScriptedSmtp({
      rcpt: (address) => (isBusy && address.endsWith('@gmail.com') ? '451 4.7.1 try later' : undefined),
    });
    const environment = {
      POSTLANE_SES_SEND_RATE: '100',
      POSTLANE_SMTP_TARGET: `127.0.0.1:${smtp.port}`,
    };
    try {
      await withCloud({ environment }, async (cloud) => {
        const heldBack = async () =>
          (await request(cloud, 'GET', '/streams/transactional')).body.providers_held_back as {
            name: string;
            recipients_per_second: number;
          }[];
        const to = (domain: string, count: number) =>
          Array.from({ length: count }, (_, index) => aMail({ to: `r${index}@${domain}` }));
        const mails = [...to('gmail.com', 20), ...to('example.org', 20)];
        assert.equal((await request(cloud, 'POST', '/emails/batch', mails)).status, 200);
        await eventually(async () => assert.equal(smtp.seen.length, 20));
        await eventually(async () => {
          await cloud.advance(15);
          await request(cloud, 'POST', '/emails', aMail());
          assert.deepEqual(
            (await heldBack()).map(({ name }) => name),
            ['gmail'],
          );
        });
        const [lowered] = await heldBack();
        assert.ok((lowered?.recipients_per_second ?? 0) < 50, JSON.stringify(lowered));

        isBusy = false;
        await eventually(async () => {
          await passMinutes(cloud, 1);
          assert.deepEqual(await heldBack(), []);
        });
      });
    } finally {
      await smtp.close();
    }
  });
});
