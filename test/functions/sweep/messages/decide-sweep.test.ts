import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AGES } from '../../../../functions/sweep/messages/checks.ts';
import { decideSweep } from '../../../../functions/sweep/messages/decide-sweep.ts';
import type { Fact } from '../../../../shared/messages/delivery-event.ts';
import type { Message } from '../../../../shared/messages/message.ts';
import { aFact, aMessage, NOON } from '../../../support/messages/message-builders.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const HALF_AN_HOUR = AGES.stuckSeconds * 1000;
const A_DAY = AGES.unendedSeconds * 1000;
const TWO_DAYS = AGES.lostSeconds * 1000;

const expected = {
  queue: { kind: 'queue', withoutContent: 'leave', failure: 'content_not_kept' },
  queueUnknown: { kind: 'queue', withoutContent: 'leave', failure: 'outcome_unknown' },
  queueOrFail: { kind: 'queue', withoutContent: 'fail', failure: 'content_not_kept' },
  queueUnknownOrFail: { kind: 'queue', withoutContent: 'fail', failure: 'outcome_unknown' },
  notSent: { kind: 'fail', failure: 'not_sent_in_a_day' },
  unknown: { kind: 'fail', failure: 'outcome_unknown' },
  leave: (reason: string) => ({ kind: 'leave', reason }),
} as const;

interface Case {
  readonly title: string;
  readonly ageMs: number;
  readonly message: Partial<Message>;
  readonly facts?: readonly Fact[];
  readonly decision: object;
}

const leased = (ageMs: number): Partial<Message> => ({
  status: 'sending',
  attempt: 1,
  leaseUntilEpochMs: NOON + ageMs + 1,
});
const expired = (ageMs: number): Partial<Message> => ({ ...leased(ageMs), leaseUntilEpochMs: NOON + ageMs });
const unknownFor = (ageMs: number, waitedMs: number): Partial<Message> => ({
  status: 'unknown',
  attempt: 1,
  unknownSinceEpochMs: NOON + ageMs - waitedMs,
});

const scheduledAfter = (ms: number): Partial<Message> => ({
  status: 'scheduled',
  scheduledAtEpochMs: NOON + ms,
});

const cases: readonly Case[] = [
  {
    title: 'leaves a message that may still be on its way into the queue',
    ageMs: 44_999,
    message: {},
    decision: expected.leave('it is still being accepted, or held back'),
  },
  {
    title: 'queues a message that no worker claimed',
    ageMs: 45_000,
    message: {},
    decision: expected.queue,
  },
  {
    title: 'leaves a message that was claimed and given back to the copy that waits',
    ageMs: 45_000,
    message: { statusReason: 'throttled' },
    decision: expected.leave('it has been in the queue'),
  },
  {
    title: 'leaves a young message whose lease has run out to its own job',
    ageMs: 10 * MINUTE_MS,
    message: expired(10 * MINUTE_MS),
    decision: expected.leave('it has been in the queue'),
  },
  {
    title: 'queues a message that was given back half an hour after it was accepted',
    ageMs: HALF_AN_HOUR,
    message: { statusReason: 'throttled' },
    decision: expected.queue,
  },
  {
    title: 'leaves a message that is held back, however old it is',
    ageMs: 3 * TWO_DAYS,
    message: { deferredUntilEpochMs: NOON + 3 * TWO_DAYS + 1 },
    decision: expected.leave('it is still being accepted, or held back'),
  },
  {
    title: 'queues a message that did not come back from where it was held',
    ageMs: 3 * TWO_DAYS,
    message: { deferredUntilEpochMs: NOON + 3 * TWO_DAYS - HALF_AN_HOUR },
    decision: expected.queue,
  },
  {
    title: 'leaves a message under a live lease at any age',
    ageMs: TWO_DAYS,
    message: leased(TWO_DAYS),
    decision: expected.leave('a worker is at it'),
  },
  {
    title: 'queues a message whose lease has run out',
    ageMs: HALF_AN_HOUR,
    message: expired(HALF_AN_HOUR),
    decision: expected.queueUnknown,
  },
  {
    title: 'leaves an unknown outcome that is still waited for',
    ageMs: A_DAY,
    message: unknownFor(A_DAY, 20 * MINUTE_MS - 1),
    decision: expected.leave('a worker is at it'),
  },
  {
    title: 'queues an unknown outcome that no worker waits for any more',
    ageMs: HALF_AN_HOUR,
    message: unknownFor(HALF_AN_HOUR, 20 * MINUTE_MS),
    decision: expected.queueUnknown,
  },
  {
    title: 'ends an unclaimed message after a day where no content is kept',
    ageMs: A_DAY,
    message: {},
    decision: expected.queueOrFail,
  },
  {
    title: 'ends an unknown outcome after a day where no content is kept',
    ageMs: A_DAY,
    message: unknownFor(A_DAY, HOUR_MS),
    decision: expected.queueUnknownOrFail,
  },
  {
    title: 'ends what was never sent after two days',
    ageMs: TWO_DAYS,
    message: {},
    decision: expected.notSent,
  },
  {
    title: 'ends an unknown outcome after two days',
    ageMs: TWO_DAYS,
    message: unknownFor(TWO_DAYS, HOUR_MS),
    decision: expected.unknown,
  },
  {
    title: 'ends a dead attempt after two days',
    ageMs: TWO_DAYS,
    message: expired(TWO_DAYS),
    decision: expected.unknown,
  },
  {
    title: 'takes the earliest event of an unknown message as the proof that it was sent',
    ageMs: HALF_AN_HOUR,
    message: unknownFor(HALF_AN_HOUR, 25 * MINUTE_MS),
    facts: [
      aFact({ occurredAt: '2026-11-23T12:00:09.000Z' }),
      aFact({ kind: 'sent', occurredAt: '2026-11-23T12:00:03.000Z' }),
    ],
    decision: { kind: 'sent', sesMessageId: '0100019ab-ses', sentAtEpochMs: NOON + 3000 },
  },
  {
    title: 'leaves a failed message',
    ageMs: TWO_DAYS,
    message: { status: 'failed', attempt: 1 },
    decision: expected.leave('it has ended'),
  },
  {
    title: 'leaves a suppressed message',
    ageMs: A_DAY,
    message: { status: 'suppressed', attempt: 1 },
    decision: expected.leave('it has ended'),
  },
  {
    title: 'leaves a canceled message',
    ageMs: A_DAY,
    message: { status: 'canceled', scheduledAtEpochMs: NOON + HOUR_MS },
    decision: expected.leave('it has ended'),
  },
  {
    title: 'leaves a scheduled message that is still being accepted',
    ageMs: 44_999,
    message: scheduledAfter(HOUR_MS),
    decision: expected.leave('it is still being accepted'),
  },
  {
    title: 'sees to it that something brings a scheduled message to its time',
    ageMs: TWO_DAYS,
    message: scheduledAfter(20 * A_DAY),
    decision: { kind: 'schedule', dueEpochMs: NOON + 20 * A_DAY },
  },
  {
    title: 'queues a scheduled message that is due and was not claimed',
    ageMs: 45_000,
    message: scheduledAfter(20_000),
    decision: expected.queue,
  },
  {
    title: 'counts the age of a scheduled message from its time',
    ageMs: 20 * A_DAY + HALF_AN_HOUR - 1,
    message: scheduledAfter(20 * A_DAY),
    decision: expected.queue,
  },
  {
    title: 'fails a scheduled message without content a day after its time',
    ageMs: 21 * A_DAY,
    message: scheduledAfter(20 * A_DAY),
    decision: expected.queueOrFail,
  },
  {
    title: 'ends a scheduled message two days after its time',
    ageMs: 20 * A_DAY + TWO_DAYS,
    message: scheduledAfter(20 * A_DAY),
    decision: expected.notSent,
  },
  {
    title: 'leaves a claimed message that was scheduled to its own job while it is young',
    ageMs: 20 * A_DAY + 10 * MINUTE_MS,
    message: { ...expired(20 * A_DAY), scheduledAtEpochMs: NOON + 20 * A_DAY },
    decision: expected.leave('it has been in the queue'),
  },
];

describe('decideSweep', () => {
  for (const { title, ageMs, message, facts = [], decision } of cases) {
    test(title, () => {
      assert.deepEqual(decideSweep({ message: aMessage(message), facts }, NOON + ageMs), decision);
    });
  }

  describe('a sent message', () => {
    const sent: Partial<Message> = { status: 'sent', attempt: 1, sesMessageId: 'ses-1', sentAtEpochMs: NOON };
    const decide = (facts: readonly Fact[], overrides: Partial<Message> = {}, ageMs = A_DAY) =>
      decideSweep({ message: aMessage({ ...sent, ...overrides }), facts }, NOON + ageMs);
    const stillOpen = expected.leave('it has ended, or may yet');

    test('leaves a sent message while it is not a day old', () => {
      assert.deepEqual(decide([], {}, 23 * HOUR_MS), stillOpen);
      assert.deepEqual(decide([], { sentAtEpochMs: NOON + HOUR_MS }), stillOpen);
    });

    test('a sent message is unconfirmed after a day for those recipients alone that have no end', () => {
      const to = ['one@example.org', 'Two@Example.org', 'three@example.org', 'four@example.org'];
      const facts = [
        aFact({ recipient: 'one@example.org' }),
        aFact({ kind: 'delayed', recipient: 'two@example.org' }),
        aFact({ kind: 'bounced', recipient: 'four@example.org', detail: { bounceType: 'Transient' } }),
      ];
      const recipients = ['two@example.org', 'three@example.org'];
      assert.deepEqual(decide(facts, { to }), { kind: 'unconfirmed', recipients });
    });

    test('leaves a sent message where every recipient has an end', () => {
      assert.deepEqual(decide([aFact()]), stillOpen);
      assert.deepEqual(decide([aFact({ kind: 'complained' })]), stillOpen);
      assert.deepEqual(decide([], { suppressedRecipients: ['reader@example.org'] }), stillOpen);
    });

    test('leaves a sent message that was called unconfirmed already', () => {
      const facts = [aFact({ kind: 'unconfirmed' })];
      assert.deepEqual(decide(facts, {}, TWO_DAYS), expected.leave('it was said already'));
    });
  });
});
