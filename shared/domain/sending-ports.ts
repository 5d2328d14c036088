import type { ReputationWindow, SendingEvent } from './guard.ts';
import type { PaceState } from './pace-state.ts';
import type { ProviderSignals } from './provider-ceiling.ts';
import type { MailboxProvider } from './stream.ts';
import type { PausedBy, PauseState, StreamState } from './stream-state.ts';

/** What pace, warm-up and guard ask of the outside world. */

/** Somebody was faster each time a change was tried. The next try may well succeed. */
export class ContendedError extends Error {
  override readonly name = 'ContendedError';
  readonly permanent = false;

  constructor(what: string) {
    super(`${what} changed each time it was to be written.`);
  }
}

export interface MailboxProviders {
  /** Never throws; `rest` for who is not known. The domain in lower case. */
  find(domain: string): Promise<MailboxProvider>;
}

/** What a decision about a stored state says: how it answers, and what is to be stored, if anything. */
export interface Change<State, Answer> {
  readonly answer: Answer;
  /** Absent: nothing is written. */
  readonly state?: State;
}

/** The item that all workers share their rate by. */
export interface PaceStore {
  read(): Promise<PaceState>;
  /**
   * Reads consistently, decides, and writes if nobody wrote since; else all of it again.
   * @throws ContendedError
   */
  change<Answer>(decide: (state: PaceState) => Change<PaceState, Answer>): Promise<Answer>;
}

/** What SES said about the account (`GetAccount`), counted in recipients. */
export interface AccountReading {
  readonly maxSendRate: number;
  /** -1 where there is no limit. */
  readonly max24HourSend: number;
  readonly sentLast24Hours: number;
  readonly readAtEpochMs: number;
  /** SES warms up new dedicated addresses by a plan of its own. */
  readonly isAutoWarmUpOn?: boolean;
}

export interface SesAccount {
  /** Asks SES; undefined where it does not say. */
  read(): Promise<AccountReading | undefined>;
}

export interface DedicatedIp {
  readonly ip: string;
  /** By SES's own plan. */
  readonly isWarmingUp: boolean;
}

export interface DedicatedPools {
  ipsOf(poolName: string): Promise<readonly DedicatedIp[]>;
  /** Of the account, for addresses that are still to come. */
  stopAutoWarmUp(): Promise<void>;
  /** Of one address: SES sends by it what we choose to. */
  endWarmUp(ip: string): Promise<void>;
}

export interface AccountReadings {
  /** From a cache of some seconds; undefined before the first reading. */
  latest(): Promise<AccountReading | undefined>;
  put(reading: AccountReading): Promise<void>;
}

/** One day of one stream, for all its recipients or for those of one provider. */
export interface LedgerDay {
  readonly stream: string;
  /** `2026-11-23` */
  readonly day: string;
  readonly provider: MailboxProvider | 'all';
}

export type LedgerAnswer =
  | { readonly kind: 'leased'; readonly recipients: number }
  /** Less than was needed is left. */
  | { readonly kind: 'used-up'; readonly left: number };

/** Counts in recipients. What a worker leased and never used counts as used. */
export interface LedgerCounts {
  readonly used: number;
  readonly overflowed: number;
}

export interface WarmUpLedger {
  /** Takes at least `need`, in chunks that shrink with what is left; never more than the allowance in total. */
  lease(day: LedgerDay, need: number, allowance: number): Promise<LedgerAnswer>;
  countOverflow(day: LedgerDay, recipients: number): Promise<void>;
  /** `all` is always there. */
  read(
    stream: string,
    day: string,
  ): Promise<Readonly<Partial<Record<MailboxProvider, LedgerCounts>> & { all: LedgerCounts }>>;
}

/** A stream's or a tenant's: `stream#broadcast`, `tenant#acme`. */
export type ReputationSubject = `stream#${string}` | `tenant#${string}`;

export interface Reputations {
  get(subject: ReputationSubject): Promise<ReputationWindow>;
  /** Answers the window with the events in it. @throws ContendedError */
  add(subject: ReputationSubject, events: readonly SendingEvent[]): Promise<ReputationWindow>;
  /** Begins an empty window: what was sent before is not counted any more. */
  restart(subject: ReputationSubject, nowEpochMs: number): Promise<void>;
}

/** What mailbox providers did with our mail since the last look. */
export interface ProviderReports {
  add(signals: SignalsByProvider): Promise<void>;
  /** Empties them: each signal is answered once. */
  take(): Promise<SignalsByProvider>;
}

export type SignalsByProvider = Readonly<Partial<Record<MailboxProvider, ProviderSignals>>>;

/** Of streams or of tenants. */
export interface Pauses<State extends PauseState = PauseState> {
  /** From a cache of at most two seconds; what nobody has said anything about is active. */
  find(name: string): Promise<State>;
  /** Consistent, past every cache. */
  get(name: string): Promise<State>;
  /** False where somebody of more say has paused it: the operator before the guard, the guard before SES. */
  pause(
    name: string,
    pause: { readonly by: PausedBy; readonly reason: string; readonly nowEpochMs: number },
  ): Promise<boolean>;
  /** False where it was active already, or was paused by somebody else than the one named. */
  resume(name: string, nowEpochMs: number, ifBy?: PausedBy): Promise<boolean>;
}

export interface StreamStates extends Pauses<StreamState> {
  /** The day on which day 1 of the warm-up is. */
  startWarmUp(name: string, startedOn: string, options: { readonly unlessStarted: boolean }): Promise<void>;
  setPoolIps(name: string, ips: readonly string[], readAtEpochMs: number): Promise<void>;
}
