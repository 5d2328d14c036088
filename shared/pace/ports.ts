import type { Change } from '../base/change.ts';
import type { MailboxProvider } from '../streams/stream-settings.ts';
import type { AccountReading } from './account-reading.ts';
import type { PaceState } from './pace-state.ts';
import type { ProviderSignals } from './provider-ceiling.ts';

export interface MailboxProviders {
  /** Finds the provider of a domain in lower case; `rest` where it is not known. Never throws. */
  find(domain: string): Promise<MailboxProvider>;
}

/** The item that all workers share their rate by. */
export interface PaceStore {
  read(): Promise<PaceState>;
  /**
   * Reads consistently, decides, and writes if no other worker wrote since; else all of it again.
   * @throws ContendedError
   */
  change<Answer>(decide: (state: PaceState) => Change<PaceState, Answer>): Promise<Answer>;
}

export interface SesAccount {
  /** Asks SES; undefined where it does not say. */
  read(): Promise<AccountReading | undefined>;
}

export interface AccountReadings {
  /** Reads from a cache of some seconds; undefined before the first reading. */
  latest(): Promise<AccountReading | undefined>;
  put(reading: AccountReading): Promise<void>;
}

/** Reports of what mailbox providers did with our mail since the last look. */
export interface ProviderReports {
  add(signals: SignalsByProvider): Promise<void>;
  /** Empties the reports: each signal is answered once. */
  take(): Promise<SignalsByProvider>;
}

export type SignalsByProvider = Readonly<Partial<Record<MailboxProvider, ProviderSignals>>>;
