import { defined } from '../../base/defined.ts';
import type { Clock } from '../../base/ports.ts';
import type { AccountReading } from '../account-reading.ts';
import { decideLease } from '../pace.ts';
import type { LeaseDecision, LeaseRequest } from '../pace-state.ts';
import type { AccountReadings, PaceStore } from '../ports.ts';
import type { PacedMail } from '../spacing.ts';
import type { Turn } from '../time-line.ts';
import { createStreamPacer } from './stream-pacer.ts';

interface PacerDeps {
  readonly store: Pick<PaceStore, 'change'>;
  readonly accounts: Pick<AccountReadings, 'latest'>;
  /** Shares: the `ratePercent` of every stream. */
  readonly shares: Readonly<Record<string, number>>;
  /** Rates that hold until the first reading; a new account may send 200 in a day and one in a second. */
  readonly assumed: Pick<AccountReading, 'maxSendRate' | 'max24HourSend'>;
  /** Id of this process: its leases are known by it. */
  readonly workerId: string;
  /** Milliseconds that a mail may wait in the process; a later slot is for a delayed copy. */
  readonly longestWaitMs: number;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** A random number from 0 to 1. */
  readonly jitter: () => number;
}

export interface Pacer {
  /**
   * Takes a slot in the account's send rate. Mails of a batch that ask together share one lease; it is kept
   * for the batches that follow.
   * @throws what the store throws; nothing was taken then
   */
  take(stream: string, mail: PacedMail): Promise<Turn>;
}

/** Creates the pacer, one for each worker, for as long as it lives. */
export function createPacer(deps: PacerDeps): Pacer {
  const pacers = new Map<string, ReturnType<typeof createStreamPacer>>();

  const open = (stream: string) => {
    const leaseId = `${deps.workerId}#${stream}`;
    const pacer = createStreamPacer({
      ...deps,
      leaseId,
      stream,
      ask: (request) => askForLease(request, deps),
    });
    pacers.set(stream, pacer);
    return pacer;
  };

  return { take: (stream, mail) => (pacers.get(stream) ?? open(stream)).take(mail) };
}

async function askForLease(
  request: LeaseRequest,
  { store, accounts, shares, assumed, clock }: PacerDeps,
): Promise<LeaseDecision> {
  const reading = await accounts.latest();
  const limits = { account: reading ?? assumed, reading, shares };
  return store.change((stored) => {
    const answer = decideLease(stored, request, limits, clock.nowEpochMs());
    return { answer, ...defined({ state: answer.state }) };
  });
}
