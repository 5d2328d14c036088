import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aMail, request, showEmail, withCloud } from '../support/journey.ts';
import type { TestCloud } from '../support/local-cloud.ts';

const SENDS = 120;
const CLIENTS = 8;
const ROUNDS = 60;
/** Everything that a network, a service or a dying process can do, at once. */
const STORM = [
  { service: 'ses', operation: 'SendEmail', fault: 'reply-lost', rate: 0.1 },
  { service: 'ses', operation: 'SendEmail', fault: 'throttle', rate: 0.1 },
  { service: 'ses', operation: 'SendEmail', fault: 'error', rate: 0.1 },
  { service: 'ses', operation: 'SendEmail', fault: 'crash', rate: 0.05 },
  { service: 'dynamodb', operation: '*', fault: 'error', rate: 0.1 },
  { service: 'dynamodb', operation: '*', fault: 'reply-lost', rate: 0.1 },
  { service: 'sqs', operation: 'SendMessage', fault: 'error', rate: 0.2 },
  { service: 'sqs', operation: 'SendMessage', fault: 'reply-lost', rate: 0.1 },
  { service: 'sqs', operation: 'DeleteMessageBatch', fault: 'error', rate: 0.2 },
  { service: 'lambda', operation: 'Invoke', fault: 'crash', rate: 0.02 },
];
const ENDS = new Set(['delivered', 'failed', 'bounced', 'suppressed']);

interface Answered {
  readonly to: string;
  readonly status: number;
  readonly id: string;
}

async function sendThroughStorm(cloud: TestCloud): Promise<readonly Answered[]> {
  const answered: Answered[] = [];
  const indexes = Array.from({ length: SENDS }, (_, index) => index).values();
  const client = async () => {
    for (const index of indexes) {
      const to = `storm-${index}@example.org`;
      const { status, body } = await request(cloud, 'POST', '/emails', aMail({ to }));
      answered.push({ to, status, id: String(body.id) });
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return answered;
}

/** The state of each accepted message, once all have one that is an end or time is over. */
async function calmDown(
  cloud: TestCloud,
  accepted: readonly Answered[],
): Promise<ReadonlyMap<string, string>> {
  const states = new Map<string, string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    await cloud.advance(90);
    await new Promise((resolve) => setTimeout(resolve, 400));
    for (const { id } of accepted.filter((one) => !ENDS.has(states.get(one.id) ?? '')))
      states.set(id, String((await showEmail(cloud, id)).body.last_event));
    if (accepted.every(({ id }) => ENDS.has(states.get(id) ?? ''))) break;
  }
  return states;
}

describe('a storm', () => {
  test('loses no accepted mail, sends none twice and none that was refused with 503', {
    timeout: 240_000,
  }, async (t) => {
    await withCloud({}, async (cloud) => {
      await cloud.faults(STORM);
      const answered = await sendThroughStorm(cloud);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      await cloud.faults([]);

      const accepted = answered.filter(({ status }) => status === 200);
      const states = await calmDown(cloud, accepted);
      const received = (await cloud.inbox()).flatMap(({ envelope }) => envelope.to);
      t.diagnostic(`${accepted.length} of ${SENDS} accepted, ${received.length} mails received`);

      assert.deepEqual(
        accepted.filter(({ id }) => states.get(id) !== 'delivered').map(({ id }) => [id, states.get(id)]),
        [],
      );
      assert.deepEqual(
        accepted.filter(({ to }) => !received.includes(to)),
        [],
      );
      assert.deepEqual(
        received.filter((to, index) => received.indexOf(to) !== index),
        [],
      );
      const refused = answered.filter(({ status }) => status === 503).map(({ to }) => to);
      assert.deepEqual(
        refused.filter((to) => received.includes(to)),
        [],
      );
    });
  });
});
