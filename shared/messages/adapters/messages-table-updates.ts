import { marshall } from '@aws-sdk/util-dynamodb';
import type { Message } from '../message.ts';
import type { MessageMove, Messages } from '../ports.ts';

interface Update {
  readonly set: Readonly<Record<string, unknown>>;
  readonly remove: readonly string[];
  /** Condition in names (`#status`) and values of `conditionValues` (`:status`). */
  readonly condition: string;
  readonly conditionValues: Readonly<Record<string, unknown>>;
}

/**
 * Update of a claim: the one attempt at SES that follows is fenced by the lease and counted before it is
 * made.
 */
export function claimUpdate({
  claimId,
  nowEpochMs,
  leaseUntilEpochMs,
  resendUnknown,
}: Parameters<Messages['claim']>[2]) {
  const unknown = { ':unknown': 'unknown', ':first': 1 };
  const unknownToo = resendUnknown ? ' OR (#status = :unknown AND #attempt = :first)' : '';
  const update = updateExpression({
    set: { status: 'sending', leaseUntilEpochMs, claimId },
    remove: ['unknownSinceEpochMs', 'statusReason'],
    add: { attempt: 1 },
    condition: `#status = :accepted OR (#status = :scheduled AND #due <= :now)${unknownToo}`,
    conditionValues: {
      ':accepted': 'accepted',
      ':scheduled': 'scheduled',
      ':now': nowEpochMs,
      ...(resendUnknown ? unknown : {}),
    },
  });
  const names = { ...update.ExpressionAttributeNames, '#due': 'scheduledAtEpochMs' };
  return { ...update, ExpressionAttributeNames: names };
}

export function deferUpdate({
  nowEpochMs,
  untilEpochMs,
  scheduledAtEpochMs,
}: Parameters<Messages['defer']>[2]) {
  const isSameTime = scheduledAtEpochMs === undefined ? 'attribute_not_exists(#due)' : '#due = :due';
  const isFree = 'attribute_not_exists(#until) OR #until <= :now';
  return {
    UpdateExpression: 'SET #until = :until',
    ConditionExpression: `#status IN (:accepted, :scheduled) AND ${isSameTime} AND (${isFree})`,
    ExpressionAttributeNames: {
      '#until': 'deferredUntilEpochMs',
      '#status': 'status',
      '#due': 'scheduledAtEpochMs',
    },
    ExpressionAttributeValues: marshall(
      {
        ':accepted': 'accepted',
        ':scheduled': 'scheduled',
        ':due': scheduledAtEpochMs,
        ':until': untilEpochMs,
        ':now': nowEpochMs,
      },
      { removeUndefinedValues: true },
    ),
  };
}

export function moveUpdate(from: Pick<Message, 'status' | 'attempt'>, move: MessageMove) {
  return updateExpression({
    ...changesOf(from, move),
    condition: '#status = :fromStatus AND #attempt = :fromAttempt',
    conditionValues: { ':fromStatus': from.status, ':fromAttempt': from.attempt },
  });
}

/**
 * Changes of a move, which leaves no trace of the state before it: what does not follow from the new one is
 * removed.
 */
function changesOf(from: Pick<Message, 'attempt'>, move: MessageMove): Pick<Update, 'set' | 'remove'> {
  const { to, ...values } = move;
  const set = Object.entries(values).filter(([, value]) => !(Array.isArray(value) && value.length === 0));
  const kept = new Set(set.map(([name]) => name));
  const passing = ['claimId', 'leaseUntilEpochMs', 'unknownSinceEpochMs', 'statusReason', 'endedAtEpochMs'];
  const isMoved = to === 'scheduled';
  // A definite no was no attempt: counted, it would use up the one resend of an unknown outcome.
  const attempt = to === 'accepted' ? { attempt: Math.max(0, from.attempt - 1) } : {};
  return {
    set: { status: to, ...Object.fromEntries(set), ...attempt },
    remove: [...passing, ...(isMoved ? ['deferredUntilEpochMs'] : [])].filter((name) => !kept.has(name)),
  };
}

function updateExpression(update: Update & { readonly add?: Readonly<Record<string, number>> }) {
  const { set, remove, add = {}, condition, conditionValues } = update;
  const names = [...Object.keys(set), ...remove, ...Object.keys(add), 'status', 'attempt'];
  const sets = [
    ...Object.keys(set).map((name) => `#${name} = :${name}`),
    ...Object.keys(add).map((name) => `#${name} = #${name} + :${name}`),
  ];
  const values = Object.entries({ ...set, ...add }).map(([name, value]) => [`:${name}`, value]);
  return {
    UpdateExpression: `SET ${sets.join(', ')} REMOVE ${remove.map((name) => `#${name}`).join(', ')}`,
    ConditionExpression: condition,
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: marshall({ ...Object.fromEntries(values), ...conditionValues }),
  };
}
