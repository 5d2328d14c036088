import { MAX_DELAY_SECONDS } from '../base/queue-delay.ts';
import { type LeaseDecision, type LeaseRequest, WINDOW_MS } from './pace-state.ts';
import { type HeldRate, NEW_SPACING, nextSlot, type PacedMail, type Slot, type Spacing } from './spacing.ts';

type WaitReason = 'send_rate' | 'daily_quota' | 'mailbox_provider';

export type Turn =
  /**
   * The mail has a slot: to be sent after so many milliseconds, at most the longest wait; by a lease of so
   * many recipients.
   */
  | { readonly kind: 'now'; readonly afterMs: number; readonly perSecond: number }
  /** The mail is to come back as a delayed copy. */
  | { readonly kind: 'later'; readonly delaySeconds: number; readonly reason: WaitReason };

/** A lease in the hands of its worker. */
interface HeldLease {
  readonly rate: HeldRate;
  readonly grantedAtEpochMs: number;
  readonly placed: number;
}

/** Sending in one stream, as far as a worker knows about its own. */
export interface TimeLine {
  readonly lease: HeldLease | undefined;
  readonly spacing: Spacing;
  /** The most recipients that waited at one time of late: about a batch. */
  readonly demand: number;
}

export const NEW_TIME_LINE: TimeLine = { lease: undefined, spacing: NEW_SPACING, demand: 0 };

export interface QueuedMail {
  readonly mail: PacedMail;
  readonly deadlineEpochMs: number;
}

/** Causes that keep mails in the queue. */
interface Blocked {
  /** The first one that needs another lease; no other mail passes it. */
  readonly onLease: PacedMail | undefined;
  /** Time at which the next of the others may have its slot. */
  readonly untilEpochMs: number;
  readonly isSlow: boolean;
}

interface Placing<Queued> {
  readonly line: TimeLine;
  readonly turns: readonly { readonly queued: Queued; readonly turn: Turn }[];
  readonly waiting: readonly Queued[];
  readonly blocked: Blocked;
}

/** Time in which a worker that nothing slows down gets through a batch. */
const BATCH_MS = 200;
const LEAST_WANTED_PER_SECOND = 5;
/** Recipients that a write should buy. */
const RECIPIENTS_PER_LEASE = 20;
const REMEMBERED_MS = 60_000;

/**
 * Time before its end that a lease is renewed: one that is asked for before its predecessor ends leaves no
 * gap.
 */
export const RENEW_AHEAD_MS = 250;

export const renewalOf = ({ lease }: TimeLine): number =>
  (lease?.rate.sendUntilEpochMs ?? 0) - RENEW_AHEAD_MS;

/** Gives slots in the order of asking, as far as the lease goes; only mail for a held-back provider is passed. */
export function placeMails<Queued extends QueuedMail>(
  before: TimeLine,
  queue: readonly Queued[],
  nowEpochMs: number,
): Placing<Queued> {
  let line = before;
  let stop: Slot | undefined;
  const turns: { queued: Queued; turn: Turn }[] = [];
  const waiting: { queued: Queued; slot: Slot }[] = [];
  for (const queued of queue) {
    const slot = stop ?? slotFor(line, queued.mail, nowEpochMs);
    const turn = turnOf(slot, queued, line.lease?.rate.recipientsPerSecond ?? 0, nowEpochMs);
    if (slot.kind === 'slot') line = spend(line, queued.mail, slot);
    else if (slot.kind !== 'provider') stop = slot;
    if (turn === undefined) waiting.push({ queued, slot });
    else turns.push({ queued, turn });
  }
  const left = waiting.map(({ queued }) => queued);
  const starts = waiting.flatMap(({ slot }) => ('fromEpochMs' in slot ? [slot.fromEpochMs] : []));
  const lastEpochMs = line.spacing.sent.at(-1)?.atEpochMs ?? 0;
  const blocked = {
    onLease: waiting.find(({ slot }) => slot.kind === 'lease')?.queued.mail,
    untilEpochMs: Math.min(...starts),
    isSlow: stop !== undefined || lastEpochMs - nowEpochMs >= BATCH_MS,
  };
  return { line: noteDemand(line, left, nowEpochMs), turns, waiting: left, blocked };
}

const slotFor = ({ lease, spacing }: TimeLine, mail: PacedMail, nowEpochMs: number): Slot =>
  lease === undefined ? { kind: 'lease' } : nextSlot(spacing, mail, lease.rate, nowEpochMs);

function turnOf(
  slot: Slot,
  { deadlineEpochMs }: QueuedMail,
  perSecond: number,
  nowEpochMs: number,
): Turn | undefined {
  if (slot.kind === 'slot') return { kind: 'now', afterMs: slot.atEpochMs - nowEpochMs, perSecond };
  if (slot.kind !== 'provider' || slot.fromEpochMs <= deadlineEpochMs) return undefined;
  const delaySeconds = Math.min(MAX_DELAY_SECONDS, Math.ceil((slot.fromEpochMs - nowEpochMs) / 1000));
  return { kind: 'later', delaySeconds, reason: 'mailbox_provider' };
}

function spend(line: TimeLine, { recipients }: PacedMail, { spacing }: Slot & { kind: 'slot' }): TimeLine {
  if (line.lease === undefined) return line;
  const { rate, placed } = line.lease;
  const left = { ...rate, recipientsLeft: rate.recipientsLeft - recipients };
  return { ...line, spacing, lease: { ...line.lease, rate: left, placed: placed + recipients } };
}

/** Notes the demand: mails that have no slot yet, and those whose slot is still to come. */
function noteDemand(line: TimeLine, waiting: readonly QueuedMail[], nowEpochMs: number): TimeLine {
  const placed = line.spacing.sent.filter(({ atEpochMs }) => atEpochMs > nowEpochMs);
  const all = [...placed, ...waiting.map(({ mail }) => mail)];
  const recipients = all.reduce((sum, each) => sum + each.recipients, 0);
  return { ...line, demand: Math.max(line.demand, recipients) };
}

/** Tells whether a lease has some time left and suits the first mail that it has no slot for. */
export function isStillGood(line: TimeLine, { onLease }: Blocked, nowEpochMs: number): boolean {
  if (line.lease === undefined || nowEpochMs >= renewalOf(line)) return false;
  const { recipientsLeft, recipientsPerSecond, largestMail } = line.lease.rate;
  const recipients = onLease?.recipients ?? 1;
  return recipients <= recipientsLeft && recipients <= Math.max(recipientsPerSecond, largestMail);
}

/**
 * Request for a lease: the rate that a batch wants, for as long as twenty recipients take at the rate of
 * late.
 */
export function askingFor(
  { lease, demand }: TimeLine,
  waiting: readonly QueuedMail[],
  nowEpochMs: number,
): Pick<LeaseRequest, 'wantedPerSecond' | 'largestMail' | 'lastsMs'> {
  const sinceMs = nowEpochMs - (lease?.grantedAtEpochMs ?? Number.NEGATIVE_INFINITY);
  const isRemembered = lease !== undefined && sinceMs < REMEMBERED_MS;
  const perSecond = isRemembered ? (lease.placed * 1000) / Math.max(1000, sinceMs) : demand;
  return {
    wantedPerSecond: Math.max(LEAST_WANTED_PER_SECOND, (demand * 1000) / BATCH_MS),
    largestMail: Math.max(1, ...waiting.map(({ mail }) => mail.recipients)),
    lastsMs: WINDOW_MS + (RECIPIENTS_PER_LEASE / Math.max(1, perSecond)) * 1000,
  };
}

/** Takes a lease. Half of the demand is forgotten with each one. */
export function holding(
  { spacing, demand }: TimeLine,
  decision: LeaseDecision & { kind: 'granted' },
  { largestMail }: Pick<LeaseRequest, 'largestMail'>,
): TimeLine {
  const { lease, sendUntilEpochMs, recipients, providersPerSecond, grantedAtEpochMs } = decision;
  const rate = {
    recipientsPerSecond: lease.recipientsPerSecond,
    sendUntilEpochMs,
    recipientsLeft: recipients,
    largestMail,
    providersPerSecond,
  };
  return { spacing, demand: demand / 2, lease: { rate, grantedAtEpochMs, placed: 0 } };
}
