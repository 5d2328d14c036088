import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createSendWindow } from '../../../../shared/pace/services/send-window.ts';
import { createVirtualTime } from '../../../support/base/virtual-time.ts';

const START = Date.parse('2026-11-24T12:00:00Z');

/** Mails that want to leave at their times, and SES's counting them at any moment before it answers. */
async function countedAt(
  mails: readonly { atMs: number; tookMs: number; countedAfter: number }[],
  perSecond: number,
) {
  const time = createVirtualTime(START);
  const window = createSendWindow({ clock: time.clock, sleep: time.sleep });
  const counted: number[] = [];
  const sendOne = async ({ atMs, tookMs, countedAfter }: (typeof mails)[number]) => {
    await time.sleep(atMs);
    await window.run({ stream: 'news', recipients: 1, perSecond }, async () => {
      counted.push(time.clock.nowEpochMs() + Math.floor(tookMs * countedAfter));
      await time.sleep(tookMs);
    });
  };
  await time.run(Promise.all(mails.map(sendOne)));
  return counted.sort((one, other) => one - other);
}

describe('the send window', () => {
  test('no second of SES has more than its room, however late mails leave and answers come', async () => {
    const mail = fc.record({
      atMs: fc.integer({ min: 0, max: 1_500 }),
      tookMs: fc.integer({ min: 0, max: 400 }),
      countedAfter: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(mail, { maxLength: 60 }),
        fc.integer({ min: 1, max: 25 }),
        async (mails, rate) => {
          const counted = await countedAt(mails, rate);
          assert.equal(counted.length, mails.length);
          const most = Math.floor(rate * 1.05);
          for (const [index, from] of counted.entries()) {
            const inSecond = counted.slice(index).filter((at) => at - from < 1000).length;
            assert.ok(inSecond <= most, `${inSecond} in a second at ${rate}`);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test('the send window costs a steady rate nothing', async () => {
    const mails = Array.from({ length: 200 }, (_, index) => ({
      atMs: index * 25,
      tookMs: 20,
      countedAfter: 1,
    }));
    const counted = await countedAt(mails, 40);
    assert.equal((counted.at(-1) ?? 0) - START, 199 * 25 + 20);
  });

  test('gives a mail of more recipients than the rate a window for itself', async () => {
    const time = createVirtualTime(START);
    const window = createSendWindow({ clock: time.clock, sleep: time.sleep });
    const sentAt: number[] = [];
    const send = (recipients: number) =>
      window.run({ stream: 'news', recipients, perSecond: 5 }, async () => {
        sentAt.push(time.clock.nowEpochMs() - START);
      });
    await time.run(Promise.all([send(1), send(50), send(1)]));
    assert.ok((sentAt[2] ?? 0) > 1000, sentAt.join());
  });

  test('lets no mail of a slow lease starve among those of a faster one', async () => {
    const time = createVirtualTime(START);
    const window = createSendWindow({ clock: time.clock, sleep: time.sleep });
    let slowAt = 0;
    const send = async (atMs: number, perSecond: number) => {
      await time.sleep(atMs);
      await window.run({ stream: 'news', recipients: 1, perSecond }, async () => {
        if (perSecond === 1) slowAt = time.clock.nowEpochMs() - START;
      });
    };
    const fast = Array.from({ length: 200 }, (_, index) => send(index * 30, 40));
    await time.run(Promise.all([...fast, send(100, 1)]));
    assert.ok(slowAt < 200, `${slowAt} ms`);
  });

  test('keeps streams apart', async () => {
    const time = createVirtualTime(START);
    const window = createSendWindow({ clock: time.clock, sleep: time.sleep });
    const send = (stream: string) => window.run({ stream, recipients: 1, perSecond: 1 }, async () => {});
    await time.run(Promise.all([send('news'), send('receipts')]));
    assert.equal(time.clock.nowEpochMs(), START);
  });
});
