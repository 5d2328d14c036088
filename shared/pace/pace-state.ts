import type { MailboxProvider } from '../streams/stream-settings.ts';
import type { AccountReading } from './account-reading.ts';
import { type Granted, NOTHING_GRANTED } from './daily-quota.ts';
import type { ProviderCeiling } from './provider-ceiling.ts';

/** A worker's right to send at a rate until its time is over. */
export interface RateLease {
  /** Id of the lease, one for each worker and stream. */
  readonly leaseId: string;
  readonly stream: string;
  /** Rate in whole recipients, unless the whole account has less than one. */
  readonly recipientsPerSecond: number;
  /** Rate that it would use if it got it; 0 for what is left of a rate that was given up. */
  readonly wantedPerSecond: number;
  readonly untilEpochMs: number;
}

/** A worker that asked and got nothing. */
export interface Want {
  readonly leaseId: string;
  readonly stream: string;
  readonly wantedPerSecond: number;
  /** Rate below which a lease is of no use to it. */
  readonly leastPerSecond: number;
  readonly untilEpochMs: number;
}

/** The one item that every worker's rate comes from. */
export interface PaceState {
  readonly leases: readonly RateLease[];
  readonly wants: readonly Want[];
  readonly granted: Granted;
  readonly providers: Readonly<Partial<Record<MailboxProvider, ProviderCeiling>>>;
}

export const EMPTY_PACE: PaceState = { leases: [], wants: [], granted: NOTHING_GRANTED, providers: {} };

export interface LeaseRequest {
  readonly leaseId: string;
  readonly stream: string;
  readonly wantedPerSecond: number;
  /** The most recipients that one of its mails has: they leave in one moment. */
  readonly largestMail: number;
  /** Milliseconds that it should last; kept between the shortest and the longest lease. */
  readonly lastsMs: number;
  /** True if the lease that it has is good: a new one is worth a write only if it is faster. */
  readonly onlyIfFaster: boolean;
}

export interface PaceLimits {
  readonly account: Pick<AccountReading, 'maxSendRate' | 'max24HourSend'>;
  /** Reading of the account; absent before the first one. */
  readonly reading?: AccountReading | undefined;
  /** Shares: the `ratePercent` of every stream. */
  readonly shares: Readonly<Record<string, number>>;
}

export type LeaseDecision =
  | {
      readonly kind: 'granted';
      readonly lease: RateLease;
      readonly grantedAtEpochMs: number;
      /**
       * Time from which no mail leaves: it would still count in SES's second when another worker has the
       * rate.
       */
      readonly sendUntilEpochMs: number;
      /** Recipients at most, by the 24-hour quota. */
      readonly recipients: number;
      /** The lease's part of what each held-back provider takes, in recipients per second. */
      readonly providersPerSecond: Readonly<Partial<Record<MailboxProvider, number>>>;
      readonly state: PaceState;
    }
  | {
      readonly kind: 'wait';
      readonly reason: 'send_rate' | 'daily_quota';
      readonly retryAtEpochMs: number;
      /** State to remember; absent where there is nothing. */
      readonly state?: PaceState;
    };

export const SHORTEST_LEASE_MS = 5_000;
export const LONGEST_LEASE_MS = 20_000;
/** Window of SES: what was sent within it counts. */
export const WINDOW_MS = 1_000;
/**
 * Time ahead that slots are given for: a lease that follows covers them, at any rate that it allows, and one
 * that is faster is not held up by them.
 */
export const AHEAD_MS = 500;

/** Recipients a second; what is missing to the limit of SES swallows the jitter of the network. */
export function paceCeiling(maxSendRate: number): number {
  return Math.max(0, maxSendRate * 0.95 - 0.05);
}
