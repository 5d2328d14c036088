import { setTimeout as pause } from 'node:timers/promises';
import { aMail, request } from '../test/support/journeys/journey.ts';
import { startTestCloud } from '../test/support/journeys/local-cloud.ts';
import type { Part } from './part.ts';

const BATCHES = 5;
const BATCH_SIZE = 100;

/** 500 messages in five batches, each exactly once in the inbox. */
export const deliveryOfBatches: Part = {
  title: `Delivery: ${BATCHES * BATCH_SIZE} messages in ${BATCHES} batches`,
  async run() {
    const cloud = await startTestCloud();
    try {
      const started = performance.now();
      await Promise.all(
        Array.from({ length: BATCHES }, (_, batch) => request(cloud, 'POST', '/emails/batch', aBatch(batch))),
      );
      const recipients = await received(cloud, BATCHES * BATCH_SIZE);
      const seconds = (performance.now() - started) / 1000;
      return [
        `${recipients.length} mails to ${new Set(recipients).size} recipients, ${(recipients.length / seconds).toFixed(0)} a second`,
      ];
    } finally {
      await cloud.close();
    }
  },
};

const aBatch = (batch: number) =>
  Array.from({ length: BATCH_SIZE }, (_, index) => aMail({ to: `reader-${batch}-${index}@example.org` }));

async function received(
  cloud: Awaited<ReturnType<typeof startTestCloud>>,
  expected: number,
): Promise<string[]> {
  for (;;) {
    const recipients = (await cloud.inbox()).flatMap((mail) => mail.envelope.to);
    if (recipients.length >= expected) return recipients;
    await pause(100);
  }
}
