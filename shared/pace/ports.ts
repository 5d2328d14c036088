import type { Change } from '../base/change.ts';
import type { MailboxProvider } from '../streams/stream-settings.ts';
import type { AccountReading } from './account-reading.ts';
import type { PaceState } from './pace-state.ts';
import type { ProviderSignals } from './provider-ceiling.ts';

export interface MailboxProviders {
  /** Never throws; `rest` for who is not known. The domain in lower case. */
  find(domain: string): Promise<MailboxProvider>;
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

export interface SesAccount {
  /** Asks SES; undefined where it does not say. */
  read(): Promise<AccountReading | undefined>;
}

export interface AccountReadings {
  /** From a cache of some seconds; undefined before the first reading. */
  latest(): Promise<AccountReading | undefined>;
  put(reading: AccountReading): Promise<void>;
}

/** What mailbox providers did with our mail since the last look. */
export interface ProviderReports {
  add(signals: SignalsByProvider): Promise<void>;
  /** Empties them: each signal is answered once. */
  take(): Promise<SignalsByProvider>;
}

export type SignalsByProvider = Readonly<Partial<Record<MailboxProvider, ProviderSignals>>>;
