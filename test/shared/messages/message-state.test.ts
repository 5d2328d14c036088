import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Fact, FactKind } from '../../../shared/messages/delivery-event.ts';
import type { Message } from '../../../shared/messages/message.ts';
import { messageState } from '../../../shared/messages/message-state.ts';
import { evidenceOf } from '../../../shared/sending/sent-evidence.ts';
import { unsubscribedFact } from '../../../shared/suppressions/unsubscription.ts';
import {
  ACCEPTED_AT_EPOCH_MS,
  buildAccepted,
  buildFact,
  buildMessage,
  MESSAGE_ID,
} from '../../support/messages/delivery-builders.ts';

const SOON = ACCEPTED_AT_EPOCH_MS + 60_000;
/** Before everything else that is known. */
const EARLY = '2026-11-23T09:00:00.000Z';
const BOB = 'bob@example.net';

const stateOf = (facts: readonly Fact[], message: Message = buildMessage(), nowEpochMs = SOON) =>
  messageState({ message, facts, nowEpochMs });
const bounced = (bounceType: 'Permanent' | 'Transient' | 'Undetermined', overrides: Partial<Fact> = {}) =>
  buildFact({ kind: 'bounced', detail: { bounceType, bounceSubType: 'General' }, ...overrides });

describe('message state of one recipient', () => {
  const cases: readonly [string, readonly Fact[], string][] = [
    ['sent, once SES took it', [], 'sent'],
    ['delivered, once delivered', [buildFact()], 'delivered'],
    ['delivery_delayed while delayed', [buildFact({ kind: 'delayed' })], 'delivery_delayed'],
    ['delivered after a delay', [buildFact({ kind: 'delayed' }), buildFact()], 'delivered'],
    ['opened above delivered', [buildFact(), buildFact({ kind: 'opened' })], 'opened'],
    ['clicked above opened', [buildFact({ kind: 'clicked' }), buildFact({ kind: 'opened' })], 'clicked'],
    ['bounced for a permanent bounce after delivery', [buildFact(), bounced('Permanent')], 'bounced'],
    ['bounced for a transient bounce without delivery', [bounced('Transient')], 'bounced'],
    ['delivered where an out-of-office reply followed', [buildFact(), bounced('Transient')], 'delivered'],
    ['delivered where an out-of-office reply came first', [bounced('Transient'), buildFact()], 'delivered'],
    ['delivered beside an undetermined bounce', [buildFact(), bounced('Undetermined')], 'delivered'],
    [
      'complained above bounced',
      [bounced('Permanent'), buildFact({ kind: 'complained' }), buildFact()],
      'complained',
    ],
    ['failed where SES rejected it', [buildFact({ kind: 'rejected' })], 'failed'],
    ['failed where it could not be rendered', [buildFact({ kind: 'rendering_failed' })], 'failed'],
    ['suppressed where SES suppressed it', [buildFact({ kind: 'suppressed' })], 'suppressed'],
  ];
  for (const [title, facts, expected] of cases) {
    test(`reads ${title}`, () => assert.equal(stateOf(facts).lastEvent, expected));
  }

  test('a machine does not open or click it, and proves all the same that SES took it', () => {
    const byMachine = (kind: 'opened' | 'clicked') => buildFact({ kind, detail: { isMachine: true } });
    for (const fact of [byMachine('opened'), byMachine('clicked')]) {
      assert.equal(stateOf([buildFact(), fact]).lastEvent, 'delivered');
      assert.equal(stateOf([fact], buildAccepted({ status: 'unknown' })).lastEvent, 'sent');
    }
    const person = buildFact({ kind: 'opened', discriminator: 'later' });
    assert.equal(stateOf([buildFact(), byMachine('clicked'), person]).lastEvent, 'opened');
  });

  test('reads scheduled until its time has come, and canceled where it was taken back', () => {
    for (const status of ['scheduled', 'canceled'] as const) {
      const { lastEvent, recipients } = stateOf([], buildAccepted({ status }));
      assert.deepEqual([lastEvent, recipients[0]?.state], [status, status]);
    }
  });

  test('takes a complaint back when a not-spam report follows it', () => {
    const complained = buildFact({ kind: 'complained', occurredAt: '2026-11-23T11:00:00Z' });
    const withdrawn = (occurredAt: string) => buildFact({ kind: 'complaint_withdrawn', occurredAt });

    assert.equal(
      stateOf([buildFact(), complained, withdrawn('2026-11-23T12:00:00Z')]).lastEvent,
      'delivered',
    );
    assert.equal(
      stateOf([buildFact(), complained, withdrawn('2026-11-23T10:30:00Z')]).lastEvent,
      'complained',
    );
  });

  test('shows the bounce while the message reads bounced, and not where it is a note', () => {
    const bounce = bounced('Permanent', {
      detail: { bounceType: 'Permanent', bounceSubType: 'NoEmail', diagnosticCode: 'smtp; 550 5.1.1' },
    });

    const { bounce: shown, recipients } = stateOf([bounce]);
    assert.equal(shown?.type, 'Permanent');
    assert.equal(shown?.subType, 'NoEmail');
    assert.deepEqual(shown?.diagnosticCodes, ['smtp; 550 5.1.1']);
    assert.equal(recipients[0]?.reason, 'NoEmail');
    assert.equal(stateOf([buildFact(), bounced('Transient')]).bounce, undefined);
  });
});

describe('message state before and without SES', () => {
  for (const status of ['accepted', 'sending', 'unknown'] as const) {
    test(`reads queued while ${status}`, () => {
      assert.equal(stateOf([], buildAccepted({ status })).lastEvent, 'queued');
    });
  }

  test('reads failed with the reason of the row', () => {
    const state = stateOf([], buildAccepted({ status: 'failed', statusReason: 'outcome_unknown' }));
    assert.equal(state.lastEvent, 'failed');
    assert.equal(state.recipients[0]?.reason, 'outcome_unknown');
  });

  test('late evidence overturns a failure with an unknown outcome', () => {
    const failed = buildAccepted({ status: 'failed', statusReason: 'outcome_unknown', attempt: 2 });
    assert.equal(stateOf([buildFact({ kind: 'sent' })], failed).lastEvent, 'sent');
    assert.equal(stateOf([buildFact()], failed).lastEvent, 'delivered');
  });

  test('an unsubscribe is no evidence: it names neither the attempt nor SES', () => {
    const unknown = buildAccepted({ status: 'unknown', attempt: 1 });
    const fact = unsubscribedFact(unknown, 'ann@example.net', EARLY);
    assert.equal(stateOf([fact], unknown).lastEvent, 'queued');
    assert.equal(evidenceOf([fact]), undefined);
    assert.equal(evidenceOf([fact, buildFact()])?.kind, 'delivered');
  });

  test('a rejected resend leaves an attempt that SES took as it is', () => {
    const failed = buildAccepted({ status: 'failed', attempt: 2 });
    const facts = [buildFact({ kind: 'rejected', attempt: 2 }), buildFact({ kind: 'sent', attempt: 1 })];
    assert.equal(stateOf(facts, failed).lastEvent, 'sent');
  });

  test('reads suppressed only if every recipient was', () => {
    const both = { to: ['ann@example.net', BOB], suppressedRecipients: ['ann@example.net', BOB] };
    assert.equal(stateOf([], buildAccepted({ ...both, status: 'suppressed' })).lastEvent, 'suppressed');
    assert.equal(stateOf([], buildMessage({ ...both, suppressedRecipients: [BOB] })).lastEvent, 'sent');
  });

  test('names test recipients as SES is given them', () => {
    const message = buildMessage({ to: ['delivered+a@resend.dev'] });
    assert.equal(stateOf([], message).recipients[0]?.address, 'success+a@simulator.amazonses.com');
  });
});

describe('message state of several recipients', () => {
  const message = buildMessage({ to: ['ann@example.net'], bcc: ['Bob <BOB@example.net>'] });

  test('the worst of them decides', () => {
    const state = stateOf([buildFact(), bounced('Transient', { recipient: BOB })], message);
    assert.equal(state.lastEvent, 'bounced');
    assert.deepEqual(
      state.recipients.map(({ address, state }) => [address, state]),
      [
        ['ann@example.net', 'delivered'],
        [BOB, 'bounced'],
      ],
    );
  });

  test('an open or a click by any recipient counts, unless it was a machine', () => {
    const clicked = { messageId: MESSAGE_ID, kind: 'clicked', attempt: 1, sesMessageId: 'ses-1' } as const;
    const byNobodyKnown = { ...clicked, occurredAt: '2026-11-23T11:00:00Z' };
    assert.equal(stateOf([buildFact(), byNobodyKnown], message).lastEvent, 'clicked');
    const byMachine = { ...byNobodyKnown, detail: { isMachine: true } };
    assert.equal(stateOf([buildFact(), byMachine], message).lastEvent, 'delivered');
  });

  test('counts the attempts that SES took beyond the first', () => {
    const facts = [buildFact(), buildFact({ attempt: 2, sesMessageId: 'ses-2' })];
    assert.equal(stateOf(facts).duplicateAttempts, 1);
    assert.equal(stateOf([]).duplicateAttempts, 0);
  });

  test('it is unconfirmed a day after sending while one of them has no end', () => {
    const later = ACCEPTED_AT_EPOCH_MS + 25 * 3_600_000;
    const delivered = [buildFact(), buildFact({ recipient: BOB })];
    assert.equal(stateOf([buildFact()], message, later).isUnconfirmed, true);
    assert.equal(stateOf([buildFact()], message, later).lastEvent, 'delivered');
    assert.equal(stateOf([buildFact()], message, SOON).isUnconfirmed, false);
    assert.equal(stateOf(delivered, message, later).isUnconfirmed, false);
  });
});

describe('message state as a fold', () => {
  const kinds: readonly FactKind[] = [
    'sent',
    'delayed',
    'delivered',
    'bounced',
    'complained',
    'complaint_withdrawn',
    'rejected',
    'rendering_failed',
    'suppressed',
    'opened',
    'clicked',
    'subscribed',
    'unsubscribed',
    'unconfirmed',
  ];
  const arbitraryFact: fc.Arbitrary<Fact> = fc
    .record({
      kind: fc.constantFrom(...kinds),
      recipient: fc.constantFrom('ann@example.net', BOB, undefined),
      second: fc.integer({ min: 0, max: 9 }),
      attempt: fc.constantFrom(1, 2),
      bounceType: fc.constantFrom('Permanent', 'Transient', 'Undetermined'),
      bounceSubType: fc.constantFrom('General', 'NoEmail'),
      isAmbiguous: fc.boolean(),
    })
    .map(({ second, recipient, bounceType, bounceSubType, isAmbiguous, ...rest }) => ({
      messageId: buildMessage().messageId,
      ...rest,
      ...(recipient === undefined ? {} : { recipient }),
      occurredAt: `2026-11-23T10:00:0${second}.000Z`,
      sesMessageId: `ses-${rest.attempt}`,
      detail: { bounceType: bounceType as 'Permanent', bounceSubType, isAmbiguous },
    }));

  test('an unsubscribe moves nothing, wherever it stands among the others', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryFact, { maxLength: 8 }),
        fc.constantFrom('accepted', 'scheduled', 'sending', 'unknown', 'sent', 'failed', 'suppressed'),
        fc.nat(8),
        fc.boolean(),
        (facts, status, index, hasSentAt) => {
          const { sentAtEpochMs, ...rest } = buildMessage({ status: status as 'sent' });
          const message = hasSentAt ? { ...rest, sentAtEpochMs: sentAtEpochMs ?? 0 } : rest;
          const others = facts.filter(({ kind }) => kind !== 'unsubscribed');
          const all = others.toSpliced(index, 0, unsubscribedFact(message, 'ann@example.net', EARLY));
          assert.deepEqual(stateOf(all, message), stateOf(others, message));
        },
      ),
    );
  });

  test('every order of the facts, each as often as it likes, gives the same', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryFact, { maxLength: 8 }),
        fc.constantFrom('accepted', 'unknown', 'sent', 'failed', 'suppressed'),
        fc.infiniteStream(fc.nat()),
        (facts, status, numbers) => {
          const message = buildMessage({ status: status as 'sent', to: ['ann@example.net', BOB] });
          const repeated = [...facts, ...facts.filter(() => (numbers.next().value ?? 0) % 2 === 0)];
          const shuffled = repeated
            .map((fact) => [numbers.next().value ?? 0, fact] as const)
            .sort(([one], [other]) => one - other)
            .map(([, fact]) => fact);
          assert.deepEqual(stateOf(shuffled, message), stateOf(facts, message));
        },
      ),
    );
  });
});
