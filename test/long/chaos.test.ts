import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../support/base/eventually.ts';
import { aMail, request, showEmail, withCloud } from '../support/journeys/journey.ts';
import type { TestCloud } from '../support/journeys/local-cloud.ts';
import { type LoggedEvent, readLog, untilPublished } from '../support/journeys/published.ts';

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

const recipientsOf = (events: readonly LoggedEvent[], type: string): readonly string[] =>
  events
    .filter((event) => event.type === type)
    .map(({ data }) => String(data.to))
    .toSorted();

/** What was told of the mail that was received, also where its sender got no answer: each thing once, and so counted. */
async function requireToldOnce(cloud: TestCloud): Promise<void> {
  await untilPublished(cloud);
  const received = (await cloud.inbox()).flatMap(({ envelope }) => envelope.to).toSorted();
  const events = await readLog(cloud);
  const eventIds = events.map(({ id }) => id);
  assert.deepEqual(
    eventIds.filter((id, index) => eventIds.indexOf(id) !== index),
    [],
  );
  assert.deepEqual(recipientsOf(events, 'email.sent'), received);
  assert.deepEqual(recipientsOf(events, 'email.delivered'), received);

  const { body } = await request(cloud, 'GET', '/emails/metrics?metrics=sent,delivered,bounced,failed');
  const failed = recipientsOf(events, 'email.failed').length;
  assert.deepEqual(body.totals, { sent: received.length, delivered: received.length, bounced: 0, failed });
}

describe('a storm', () => {
  test('a storm loses no accepted mail, sends none twice and none that was refused, and tells of each once', {
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
      await eventually(() => requireToldOnce(cloud));
    });
  });
});
