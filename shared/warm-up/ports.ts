import type { MailboxProvider } from '../streams/stream-settings.ts';

interface DedicatedIp {
  readonly ip: string;
  /** True while SES warms it up by its own plan. */
  readonly isWarmingUp: boolean;
}

export interface DedicatedPools {
  ipsOf(poolName: string): Promise<readonly DedicatedIp[]>;
  /** Stops SES's warm-up of the account, for addresses that are still to come. */
  stopAutoWarmUp(): Promise<void>;
  /** Ends SES's warm-up of one address: SES sends by it what we choose to. */
  endWarmUp(ip: string): Promise<void>;
}

/** One day of one stream, for all its recipients or for those of one provider. */
export interface LedgerDay {
  readonly stream: string;
  /** Day in UTC, such as `2026-11-23`. */
  readonly day: string;
  readonly provider: MailboxProvider | 'all';
}

type LedgerAnswer =
  | { readonly kind: 'leased'; readonly recipients: number }
  /** The ledger has less left than was needed. */
  | { readonly kind: 'used-up'; readonly left: number };

/** Counts of recipients. What a worker leased and never used counts as used. */
export interface LedgerCounts {
  readonly used: number;
  readonly overflowed: number;
}

export interface WarmUpLedger {
  /** Takes at least `need`, in chunks that shrink with what is left; never more than the allowance in total. */
  lease(day: LedgerDay, need: number, allowance: number): Promise<LedgerAnswer>;
  countOverflow(day: LedgerDay, recipients: number): Promise<void>;
  /** Reads counts; `all` is always there. */
  read(
    stream: string,
    day: string,
  ): Promise<Readonly<Partial<Record<MailboxProvider, LedgerCounts>> & { all: LedgerCounts }>>;
}
