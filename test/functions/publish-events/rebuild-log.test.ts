import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Webhook } from '../../../shared/webhooks/webhook.ts';
import {
  ACCEPTED_AT_EPOCH_MS,
  buildAccepted,
  buildFact,
  buildMessage,
  MESSAGE_ID,
} from '../../support/messages/delivery-builders.ts';
import { createPublishWorld } from '../../support/outbox/publish-world.ts';
import { factRecord, rowRecord } from '../../support/outbox/stream-records.ts';

const AT = ACCEPTED_AT_EPOCH_MS + 5_000;
const SENDING = buildAccepted({ status: 'sending', attempt: 1 });
const ALL: Webhook = {
  ...{ webhookId: 'w-1', tenant: 'default', endpoint: 'https://hooks.example.net/', status: 'enabled' },
  ...{ events: ['email.scheduled', 'email.sent', 'email.delivered'], secrets: [], createdAt: '' },
};

describe('rebuilding the log', () => {
  test('publishes the events that the stream never brought, under the ids they would have had', async () => {
    const sent = buildMessage({ scheduledAtEpochMs: AT });
    const told = createPublishWorld([sent]);
    const { sentAtEpochMs: _at, sesMessageId: _id, ...rest } = sent;
    await told.receive(
      rowRecord(undefined, { ...rest, status: 'scheduled', attempt: 0 }, AT),
      rowRecord(SENDING, sent, AT),
      factRecord(buildFact(), AT),
    );

    const lost = createPublishWorld([sent]);
    lost.webhooks.push(ALL);
    await lost.messages.appendFact('default', buildFact(), 0);
    assert.deepEqual(await lost.rebuild(), { messages: 1, eventsKnown: 0, eventsAdded: 3 });
    const idsOf = ({ events }: typeof lost) => events.map(({ id }) => id).sort();
    assert.deepEqual(idsOf(lost), idsOf(told));
    assert.equal(lost.jobs.length, 3);
  });

  test('adds only missing events, tells only of them, and adds nothing a second time', async () => {
    const sent = buildMessage();
    const world = createPublishWorld([sent]);
    world.webhooks.push(ALL);
    await world.receive(rowRecord(SENDING, sent, AT));
    await world.messages.appendFact('default', buildFact(), 0);
    assert.deepEqual(await world.rebuild(), { messages: 1, eventsKnown: 1, eventsAdded: 1 });
    assert.deepEqual(
      world.jobs.map(({ event }) => event.type),
      ['email.sent', 'email.delivered'],
    );
    assert.deepEqual(await world.rebuild(), { messages: 1, eventsKnown: 2, eventsAdded: 0 });
  });

  test('hands on the events that the log had too, where it is asked to', async () => {
    const sent = buildMessage();
    const world = createPublishWorld([sent]);
    await world.receive(rowRecord(SENDING, sent, AT));
    world.webhooks.push(ALL);
    await world.rebuild();
    assert.equal(world.jobs.length, 0);
    assert.deepEqual(await world.rebuild(60_000, 'all'), { messages: 1, eventsKnown: 1, eventsAdded: 0 });
    assert.equal(world.jobs.length, 1);
  });

  test('says nothing of a batch that was never kept', async () => {
    const world = createPublishWorld([
      buildAccepted({ status: 'scheduled', batchId: 'b-1', scheduledAtEpochMs: AT }),
    ]);
    await world.rebuild();
    assert.deepEqual(world.types(), []);
    world.committed.add('b-1');
    await world.rebuild();
    assert.deepEqual(world.types(), ['email.scheduled']);
  });

  test('stops in time and says where to go on', async () => {
    const world = createPublishWorld([buildMessage()]);
    const answer = await world.rebuild(1_000);
    assert.equal(answer.messages, 0);
    assert.equal(
      answer.nextFromEpochMs,
      Number.parseInt(MESSAGE_ID.slice(0, 8) + MESSAGE_ID.slice(9, 13), 16),
    );
  });
});
