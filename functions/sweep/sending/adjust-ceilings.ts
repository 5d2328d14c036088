import type { Clock, Log } from '../../../shared/base/ports.ts';
import { paceCeiling } from '../../../shared/pace/pace-state.ts';
import type { AccountReadings, PaceStore, ProviderReports } from '../../../shared/pace/ports.ts';
import { adjustCeilings } from '../../../shared/pace/provider-ceiling.ts';

interface AdjustCeilingsDeps {
  readonly reports: Pick<ProviderReports, 'take'>;
  readonly pace: Pick<PaceStore, 'change'>;
  readonly accounts: Pick<AccountReadings, 'latest'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'error'>;
}

/**
 * Answers what mailbox providers did with our mail in the last minute: less for those that defer it, a little more for
 * those that were held back and are quiet. Reports that die with a run that fails are made up for by the next ones.
 */
export function createAdjustCeilings({ reports, pace, accounts, clock, log }: AdjustCeilingsDeps) {
  return async (): Promise<void> => {
    try {
      const reading = await accounts.latest();
      if (reading === undefined) return;
      const signals = await reports.take();
      const most = paceCeiling(reading.maxSendRate);
      await pace.change((state) => {
        const providers = adjustCeilings(state.providers, signals, clock.nowEpochMs(), most);
        const answer = undefined;
        return providers === state.providers ? { answer } : { answer, state: { ...state, providers } };
      });
    } catch (error) {
      log.error('ceilings_not_adjusted', { error });
    }
  };
}
