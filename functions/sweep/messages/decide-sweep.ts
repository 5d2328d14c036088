import type { Fact } from '../../../shared/messages/delivery-event.ts';
import type { Message } from '../../../shared/messages/message.ts';
import { createdAtEpochMsOf } from '../../../shared/messages/message-bucket.ts';
import { messageState } from '../../../shared/messages/message-state.ts';
import { dueAtEpochMsOf } from '../../../shared/messages/retry-schedule.ts';
import { evidenceOf } from '../../../shared/sending/sent-evidence.ts';
import { AGES } from './checks.ts';

export interface SweepEntry {
  readonly message: Message;
  readonly facts: readonly Fact[];
}

export type SweepDecision =
  | { readonly kind: 'leave'; readonly reason: string }
  /** A job for it goes to the queue, unless its batch was never committed; a second one is harmless by the claim. */
  | { readonly kind: 'queue'; readonly withoutContent: 'leave' | 'fail'; readonly failure: string }
  /** The message waits for its time, and something has to bring it there. */
  | { readonly kind: 'schedule'; readonly dueEpochMs: number }
  /** An event proves that SES took it. */
  | { readonly kind: 'sent'; readonly sesMessageId: string; readonly sentAtEpochMs: number }
  | { readonly kind: 'fail'; readonly failure: string }
  /** Recipients (normalised) that still have no end a day after the mail was sent. */
  | { readonly kind: 'unconfirmed'; readonly recipients: readonly string[] };

/** Age from which an unknown outcome is settled here: the copy that waits to settle it is lost by then. */
const UNKNOWN_SETTLED_AFTER_MS = 20 * 60_000;

/** Decides what a message needs at its age. Looking again, at any later time, is always right. */
export function decideSweep({ message, facts }: SweepEntry, nowEpochMs: number): SweepDecision {
  const ageSeconds = (nowEpochMs - dueAtEpochMsOf(message)) / 1000;
  switch (message.status) {
    case 'suppressed':
    case 'failed':
    case 'canceled':
      return leave('it has ended');
    case 'scheduled':
      return decideScheduled({ message, facts }, ageSeconds, nowEpochMs);
    case 'sent':
      return decideSent({ message, facts }, nowEpochMs);
    default:
      if (ageSeconds < AGES.stuckSeconds) return decideUnqueued(message, ageSeconds);
      return decideStuck({ message, facts }, ageSeconds, nowEpochMs);
  }
}

function decideSent({ message, facts }: SweepEntry, nowEpochMs: number): SweepDecision {
  const { isUnconfirmed, recipients } = messageState({ message, facts, nowEpochMs });
  if (!isUnconfirmed) return leave('it has ended, or may yet');
  const said = new Set(facts.filter(({ kind }) => kind === 'unconfirmed').map(({ recipient }) => recipient));
  const open = recipients.filter(({ state }) => state === 'sent' || state === 'delivery_delayed');
  const unsaid = open.map(({ address }) => address).filter((address) => !said.has(address));
  return unsaid.length === 0 ? leave('it was said already') : { kind: 'unconfirmed', recipients: unsaid };
}

function decideScheduled(
  { message, facts }: SweepEntry,
  overdueSeconds: number,
  nowEpochMs: number,
): SweepDecision {
  const acceptedSeconds = (nowEpochMs - createdAtEpochMsOf(message.messageId)) / 1000;
  if (acceptedSeconds < AGES.unqueuedSeconds) return leave('it is still being accepted');
  if (overdueSeconds < 0) return { kind: 'schedule', dueEpochMs: dueAtEpochMsOf(message) };
  if (overdueSeconds >= AGES.stuckSeconds) return decideStuck({ message, facts }, overdueSeconds, nowEpochMs);
  return { kind: 'queue', withoutContent: 'leave', failure: failureOf(message) };
}

/**
 * Decides about a message that is left unqueued. A reason on an accepted row is that of a definite no: it was
 * queued, claimed and given back.
 */
function decideUnqueued(message: Message, ageSeconds: number): SweepDecision {
  if (ageSeconds < AGES.unqueuedSeconds) return leave('it is still being accepted, or held back');
  if (message.status !== 'accepted' || message.attempt > 0 || message.statusReason !== undefined) {
    return leave('it has been in the queue');
  }
  return { kind: 'queue', withoutContent: 'leave', failure: failureOf(message) };
}

function decideStuck({ message, facts }: SweepEntry, ageSeconds: number, nowEpochMs: number): SweepDecision {
  if (isUnderWay(message, nowEpochMs)) return leave('a worker is at it');
  const evidence = evidenceOf(facts);
  if (evidence !== undefined) {
    const sentAtEpochMs = Date.parse(evidence.occurredAt);
    return { kind: 'sent', sesMessageId: evidence.sesMessageId, sentAtEpochMs };
  }
  if (ageSeconds >= AGES.lostSeconds) {
    return {
      kind: 'fail',
      failure: isUnclaimed(message) ? 'not_sent_in_a_day' : failureOf(message),
    };
  }
  const withoutContent = ageSeconds >= AGES.unendedSeconds ? 'fail' : 'leave';
  return { kind: 'queue', withoutContent, failure: failureOf(message) };
}

function isUnderWay(
  { status, leaseUntilEpochMs, unknownSinceEpochMs }: Message,
  nowEpochMs: number,
): boolean {
  if (status === 'sending') return (leaseUntilEpochMs ?? 0) > nowEpochMs;
  return status === 'unknown' && (unknownSinceEpochMs ?? 0) > nowEpochMs - UNKNOWN_SETTLED_AFTER_MS;
}

/**
 * Reason of a failure. Nothing was sent of a message that was never claimed; of another one it cannot be
 * known.
 */
const failureOf = (message: Message): string =>
  isUnclaimed(message) ? 'content_not_kept' : 'outcome_unknown';

const isUnclaimed = ({ status }: Message): boolean => status === 'accepted' || status === 'scheduled';

const leave = (reason: string): SweepDecision => ({ kind: 'leave', reason });
