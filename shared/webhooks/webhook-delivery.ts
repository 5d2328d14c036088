import { defined } from '../base/defined.ts';
import type { WebhookAttempt, WebhookDelivery } from './ports.ts';

/** Attempts that an event's record keeps: two rounds of ten, and some that people asked for. */
export const MOST_ATTEMPTS = 25;

/**
 * Unites two records of one event. A success stays one, also where the event failed when it was delivered
 * again; else the later record says where it stands.
 */
export function uniteDeliveries(known: WebhookDelivery, later: WebhookDelivery): WebhookDelivery {
  const { nextAttemptAt, ...rest } = later;
  const attempts = uniteAttempts([...known.attempts, ...later.attempts]);
  if (known.state === 'success' || later.state === 'success') return { ...rest, state: 'success', attempts };
  return { ...rest, ...defined({ nextAttemptAt }), attempts };
}

/** Unites attempts: each once, in the order of time, and the newest of too many. */
export function uniteAttempts(attempts: readonly WebhookAttempt[]): readonly WebhookAttempt[] {
  const byId = new Map<string, WebhookAttempt>();
  for (const attempt of attempts) {
    const known = byId.get(attempt.attemptId);
    // What was written of a success in short does not have the answer.
    if (known === undefined || known.response === '') byId.set(attempt.attemptId, attempt);
  }
  return [...byId.values()].sort(byTime).slice(-MOST_ATTEMPTS);
}

/** Orders attempts by time: ISO 8601 of one form, and UUIDv7, are in its order as text. */
const byTime = (one: WebhookAttempt, other: WebhookAttempt): number =>
  one.sentAt === other.sentAt ? compare(one.attemptId, other.attemptId) : compare(one.sentAt, other.sentAt);

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
