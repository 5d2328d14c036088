import type { MailboxProvider } from '../streams/stream-settings.ts';
import { MAILBOX_PROVIDERS } from './mailbox-provider.ts';

/** Rate that a mailbox provider takes from us at present; absent means that nothing holds it back. */
export interface ProviderCeiling {
  readonly recipientsPerSecond: number;
  /** Times at which it was last lowered, and last changed in any way. */
  readonly loweredAtEpochMs: number;
  readonly changedAtEpochMs: number;
}

/** Signals of what became of mail to a provider since the last look. */
export interface ProviderSignals {
  /** SES's delays and transient bounces. */
  readonly delayed: number;
  readonly delivered: number;
}

/**
 * Delays that count at least. A provider that defers five in a hundred wants less; a lone delay is a full
 * mailbox.
 */
const LEAST_DELAYED = 5;
const DELAYED_RATIO = 0.05;

const BACK_OFF_FACTOR = 0.5;
const LEAST_PER_SECOND = 0.2;
/** Time that a cut settles. Delays are told minutes late: it shows its effect only after this. */
const SETTLING_MS = 120_000;
/**
 * Share of the account's rate that comes back in a minute, a twentieth: back at full rate after 20 minutes at
 * most.
 */
const RECOVERY_PER_MINUTE = 0.05;

/**
 * Halves on trouble and adds a little for each quiet minute, as TCP does (RFC 5681): many senders that do so find what
 * a receiver takes.
 * @param paceCeiling of the account, in recipients per second
 * @returns undefined where nothing holds the provider back any more
 */
export function providerCeiling(
  state: ProviderCeiling | undefined,
  signals: ProviderSignals,
  nowEpochMs: number,
  paceCeiling: number,
): ProviderCeiling | undefined {
  if (isTrouble(signals)) return lower(state, nowEpochMs, paceCeiling);
  if (state === undefined) return undefined;
  const quietMinutes = Math.max(0, nowEpochMs - state.changedAtEpochMs) / 60_000;
  const recipientsPerSecond = state.recipientsPerSecond + quietMinutes * RECOVERY_PER_MINUTE * paceCeiling;
  if (recipientsPerSecond >= paceCeiling) return undefined;
  return { ...state, recipientsPerSecond, changedAtEpochMs: nowEpochMs };
}

type Ceilings = Readonly<Partial<Record<MailboxProvider, ProviderCeiling>>>;

/** Adjusts all providers at once; the same object where nothing holds any of them back, before or after. */
export function adjustCeilings(
  ceilings: Ceilings,
  signals: Readonly<Partial<Record<MailboxProvider, ProviderSignals>>>,
  nowEpochMs: number,
  paceCeiling: number,
): Ceilings {
  const adjusted = MAILBOX_PROVIDERS.flatMap((provider) => {
    const ceiling = providerCeiling(
      ceilings[provider],
      signals[provider] ?? NO_SIGNALS,
      nowEpochMs,
      paceCeiling,
    );
    return ceiling === undefined ? [] : [[provider, ceiling] as const];
  });
  const isUntouched = adjusted.length === 0 && Object.values(ceilings).every((each) => each === undefined);
  return isUntouched ? ceilings : Object.fromEntries(adjusted);
}

const NO_SIGNALS: ProviderSignals = { delayed: 0, delivered: 0 };

const isTrouble = ({ delayed, delivered }: ProviderSignals): boolean =>
  delayed >= LEAST_DELAYED && delayed >= (delayed + delivered) * DELAYED_RATIO;

function lower(state: ProviderCeiling | undefined, nowEpochMs: number, paceCeiling: number): ProviderCeiling {
  const isSettling = state !== undefined && Math.abs(nowEpochMs - state.loweredAtEpochMs) < SETTLING_MS;
  if (isSettling) return { ...state, changedAtEpochMs: nowEpochMs };
  const before = Math.min(state?.recipientsPerSecond ?? paceCeiling, paceCeiling);
  return {
    recipientsPerSecond: Math.max(LEAST_PER_SECOND, before * BACK_OFF_FACTOR),
    loweredAtEpochMs: nowEpochMs,
    changedAtEpochMs: nowEpochMs,
  };
}
