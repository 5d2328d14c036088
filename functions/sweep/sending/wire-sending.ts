import { createAccountTable } from '../../../shared/pace/adapters/account-table.ts';
import { createPaceTable } from '../../../shared/pace/adapters/pace-table.ts';
import { createProviderReports } from '../../../shared/pace/adapters/provider-reports-table.ts';
import { createSesAccount } from '../../../shared/pace/adapters/ses-account.ts';
import { createStreamStates } from '../../../shared/streams/adapters/stream-states-table.ts';
import { createSesPools } from '../../../shared/warm-up/adapters/ses-pools.ts';
import type { CommonDeps } from '../wire-common.ts';
import { createAdjustCeilings } from './adjust-ceilings.ts';
import { createReadAccount } from './read-account.ts';
import { createReadPools } from './read-pools.ts';
import { createWatchPauses } from './watch-pauses.ts';

export function wireSending({ environment, client, catalog, clock, log, tenants }: CommonDeps) {
  const { streams } = environment;
  const accounts = createAccountTable(client, catalog.tableName, clock);
  const states = createStreamStates({ ...catalog, clock });
  return [
    createReadAccount({ account: createSesAccount(clock), readings: accounts, log }),
    createAdjustCeilings({
      reports: createProviderReports(client, catalog.tableName),
      pace: createPaceTable(client, catalog.tableName),
      accounts,
      clock,
      log,
    }),
    createWatchPauses({ streams, states, tenants, log }),
    createReadPools({ pools: createSesPools(), streams, states, accounts, clock, log }),
  ];
}
