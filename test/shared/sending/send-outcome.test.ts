import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { backOffSeconds, outageWaitSeconds } from '../../../shared/base/queue-delay.ts';
import { isTooOldToTry } from '../../../shared/messages/retry-schedule.ts';
import { decideRefusedClaim, evidenceWaitMsOf } from '../../../shared/sending/claim-decision.ts';
import { classifySend } from '../../../shared/sending/send-outcome.ts';
import {
  ACCEPTED_AT_EPOCH_MS,
  buildAccepted,
  buildMessage,
  MESSAGE_ID,
} from '../../support/messages/delivery-builders.ts';

describe('outcome of an attempt', () => {
  const table: readonly [httpStatus: number, errorName: string, outcome: string][] = [
    [400, 'MessageRejected', 'refused'],
    [400, 'BadRequestException', 'refused'],
    [400, 'ValidationException', 'refused'],
    [400, 'MailFromDomainNotVerifiedException', 'refused'],
    [400, 'SomethingNew', 'refused'],
    [413, 'RequestEntityTooLarge', 'refused'],
    [400, 'SendingPausedException', 'later'],
    [400, 'AccountSuspendedException', 'later'],
    [400, 'LimitExceededException', 'later'],
    [400, 'ThrottlingException', 'later'],
    [429, 'TooManyRequestsException', 'later'],
    [404, 'NotFoundException', 'later'],
    [403, 'AccessDeniedException', 'later'],
    [403, 'ExpiredTokenException', 'later'],
    [403, 'SignatureDoesNotMatch', 'later'],
    [408, 'RequestTimeout', 'unknown'],
    [500, 'InternalFailure', 'unknown'],
    [503, 'ServiceUnavailable', 'unknown'],
    [200, 'SyntaxError', 'unknown'],
  ];
  for (const [httpStatus, errorName, outcome] of table) {
    test(`${httpStatus} ${errorName} is ${outcome}`, () => {
      const answer = { kind: 'answered', httpStatus, errorName, text: 'a text' } as const;
      assert.equal(classifySend(answer).kind, outcome);
    });
  }

  for (const [text, outcome] of [
    ['Sending is disabled for tenant <acme>.', 'later'],
    ['Sending paused for this account.', 'later'],
    ['Email address is not verified.', 'refused'],
    ['Illegal header: X-Disabledness', 'refused'],
  ] as const) {
    test(`an unknown refusal that says "${text}" is ${outcome}`, () => {
      const answer = { kind: 'answered', httpStatus: 400, errorName: 'BadRequestException', text } as const;
      assert.equal(classifySend(answer).kind, outcome);
    });
  }

  test('no answer is unknown, and no connection is for later', () => {
    assert.equal(classifySend({ kind: 'unanswered', errorName: 'ECONNRESET' }).kind, 'unknown');
    assert.equal(classifySend({ kind: 'not-asked', errorName: 'ECONNREFUSED' }).kind, 'later');
  });

  test('keeps a reason that fits the row', () => {
    const answer = {
      kind: 'answered',
      httpStatus: 400,
      errorName: 'MessageRejected',
      text: 'x'.repeat(5000),
    } as const;
    const outcome = classifySend(answer);
    assert.ok(outcome.kind === 'refused' && outcome.reason.length <= 200);
  });
});

describe('refused claim', () => {
  const now = ACCEPTED_AT_EPOCH_MS + 600_000;
  const decide = (message: ReturnType<typeof buildMessage>) =>
    decideRefusedClaim(message, {
      nowEpochMs: now,
      evidenceWaitMs: evidenceWaitMsOf({ kind: 'transactional' }),
    });
  const unknown = (attempt: number, agoMs: number) =>
    buildAccepted({ status: 'unknown', attempt, unknownSinceEpochMs: now - agoMs });

  for (const status of ['sent', 'suppressed', 'failed'] as const) {
    test(`a message that is ${status} leaves nothing to do`, () => {
      assert.deepEqual(decide(buildMessage({ status })), { kind: 'done' });
    });
  }

  test('waits for a live lease, and declares an expired one unknown', () => {
    const sending = (leaseMs: number) =>
      buildAccepted({ status: 'sending', attempt: 1, leaseUntilEpochMs: now + leaseMs });
    assert.deepEqual(decide(sending(42_500)), { kind: 'wait', delaySeconds: 43, reason: 'lease' });
    assert.deepEqual(decide(sending(0)), { kind: 'declare-unknown' });
  });

  test('waits for evidence, then resends once, then gives up', () => {
    assert.deepEqual(decide(unknown(1, 60_000)), { kind: 'wait', delaySeconds: 240, reason: 'evidence' });
    assert.deepEqual(decide(unknown(1, 300_000)), { kind: 'due', without: 'resend' });
    assert.deepEqual(decide(unknown(2, 300_000)), { kind: 'due', without: 'give-up' });
  });

  test('looks again where the message became free in between', () => {
    assert.deepEqual(decide(buildAccepted()), { kind: 'again' });
  });

  test('waits longer for evidence about mail that no reader waits for', () => {
    assert.equal(evidenceWaitMsOf({ kind: 'transactional' }), 300_000);
    assert.equal(evidenceWaitMsOf({ kind: 'broadcast' }), 900_000);
  });
});

describe('retry schedule', () => {
  test('the wait for a retry doubles from 2 to 900 seconds, and never leaves what SQS allows', () => {
    assert.deepEqual(
      [0, 1, 2, 8, 9, 500].map((waits) => backOffSeconds(waits, 1)),
      [2, 4, 8, 512, 900, 900],
    );
    assert.deepEqual(
      [0, 1, 9].map((waits) => backOffSeconds(waits, 0)),
      [1, 2, 450],
    );
  });

  test('a held job waits shorter than evidence is waited for', () => {
    assert.ok(outageWaitSeconds(1000) < evidenceWaitMsOf({ kind: 'transactional' }) / 1000);
  });

  test('a mail is tried for a day', () => {
    assert.equal(isTooOldToTry({ messageId: MESSAGE_ID }, ACCEPTED_AT_EPOCH_MS + 86_399_000), false);
    assert.equal(isTooOldToTry({ messageId: MESSAGE_ID }, ACCEPTED_AT_EPOCH_MS + 86_400_000), true);
  });
});
