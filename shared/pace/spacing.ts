import type { MailboxProvider } from '../streams/stream-settings.ts';
import { AHEAD_MS, WINDOW_MS } from './pace-state.ts';

export interface PacedMail {
  /** Recipients of the mail; they leave in one moment. */
  readonly recipients: number;
  /** Provider that the mail goes to; only one that is held back makes a difference. */
  readonly provider?: MailboxProvider;
}

/** Rate that a lease allows to its holder. */
export interface HeldRate {
  readonly recipientsPerSecond: number;
  readonly sendUntilEpochMs: number;
  /** Recipients that are left by the 24-hour quota. */
  readonly recipientsLeft: number;
  /**
   * Recipients of the largest mail: one of more recipients than the rate leaves only if the lease was asked
   * for with such a mail in mind.
   */
  readonly largestMail: number;
  readonly providersPerSecond: Readonly<Partial<Record<MailboxProvider, number>>>;
}

/** Place of a worker on its time line. It outlives a lease: what it sent counts on. */
export interface Spacing {
  /** The last slot as it would be without rounding, and what left in it: the distance to the next follows from the rate. */
  readonly last: { readonly atEpochMs: number; readonly recipients: number };
  /** Mails of the last second and, where slots were given ahead, of what is to come; oldest first. */
  readonly sent: readonly { readonly atEpochMs: number; readonly recipients: number }[];
  readonly providerNextEpochMs: Readonly<Partial<Record<MailboxProvider, number>>>;
}

export const NEW_SPACING: Spacing = {
  last: { atEpochMs: 0, recipients: 0 },
  sent: [],
  providerNextEpochMs: {},
};

export type Slot =
  | { readonly kind: 'slot'; readonly atEpochMs: number; readonly spacing: Spacing }
  /** The provider takes nothing before then; others may pass. */
  | { readonly kind: 'provider'; readonly fromEpochMs: number }
  /** The slot is so far ahead that it is not given yet; nor is any of those that come after it. */
  | { readonly kind: 'early'; readonly fromEpochMs: number }
  /** The mail needs another lease; so do all that come after it. */
  | { readonly kind: 'lease' };

/**
 * The next slot for a mail: evenly spaced, so that SES's window never has more than the rate, in any part of
 * a second that one looks at. A mail of more recipients than the rate has a window for itself.
 */
export function nextSlot(spacing: Spacing, mail: PacedMail, rate: HeldRate, nowEpochMs: number): Slot {
  const { recipients, provider } = mail;
  if (recipients > Math.max(rate.recipientsPerSecond, rate.largestMail)) return { kind: 'lease' };
  if (recipients > rate.recipientsLeft) return { kind: 'lease' };
  const { last } = spacing;
  const distanceMs = (last.recipients / rate.recipientsPerSecond) * 1000;
  const earliest = Math.max(nowEpochMs, last.atEpochMs + distanceMs);
  const fromEpochMs = provider === undefined ? 0 : (spacing.providerNextEpochMs[provider] ?? 0);
  const isHeldBack = provider !== undefined && rate.providersPerSecond[provider] !== undefined;
  if (isHeldBack && fromEpochMs > earliest) return { kind: 'provider', fromEpochMs };
  const atEpochMs = whenWindowHasRoom(spacing, recipients, rate.recipientsPerSecond, Math.ceil(earliest));
  if (atEpochMs >= rate.sendUntilEpochMs) return { kind: 'lease' };
  if (atEpochMs > nowEpochMs + AHEAD_MS) return { kind: 'early', fromEpochMs: atEpochMs - AHEAD_MS };
  return { kind: 'slot', atEpochMs, spacing: after(spacing, mail, rate, { earliest, atEpochMs }) };
}

/**
 * Time at which the window has room. A mail that is alone in it may be larger than the rate: it could not be
 * sent at all otherwise.
 */
function whenWindowHasRoom(
  { sent }: Spacing,
  recipients: number,
  recipientsPerSecond: number,
  fromEpochMs: number,
): number {
  let atEpochMs = fromEpochMs;
  let counted = sent.filter((each) => each.atEpochMs > atEpochMs - WINDOW_MS);
  while (counted.length > 0 && sumOf(counted) + recipients > recipientsPerSecond) {
    atEpochMs = (counted[0]?.atEpochMs ?? atEpochMs) + WINDOW_MS;
    counted = counted.slice(1);
  }
  return Math.max(atEpochMs, fromEpochMs);
}

const sumOf = (sent: Spacing['sent']): number =>
  sent.reduce((total, { recipients }) => total + recipients, 0);

function after(
  { sent, providerNextEpochMs }: Spacing,
  { recipients, provider }: PacedMail,
  { providersPerSecond }: HeldRate,
  { earliest, atEpochMs }: { readonly earliest: number; readonly atEpochMs: number },
): Spacing {
  const providerRate = provider === undefined ? undefined : providersPerSecond[provider];
  return {
    last: { atEpochMs: atEpochMs - earliest < 1 ? earliest : atEpochMs, recipients },
    sent: [...sent.filter((each) => each.atEpochMs > atEpochMs - WINDOW_MS), { atEpochMs, recipients }],
    providerNextEpochMs:
      provider === undefined || providerRate === undefined
        ? providerNextEpochMs
        : { ...providerNextEpochMs, [provider]: atEpochMs + (recipients / providerRate) * 1000 },
  };
}
