import { createPaceTable } from '../../../shared/pace/adapters/pace-table.ts';
import { createReputationTable } from '../../../shared/reputation/adapters/reputation-table.ts';
import { createStreamStates } from '../../../shared/streams/adapters/stream-states-table.ts';
import { createWarmUpLedger } from '../../../shared/warm-up/adapters/warm-up-ledger-table.ts';
import type { CommonDeps } from '../wire-common.ts';
import { streamRoutes } from './streams.ts';

export const wireStreams = ({ environment, client, catalog, clock }: CommonDeps) =>
  streamRoutes({
    streams: environment.streams,
    streamStates: createStreamStates({ ...catalog, clock }),
    ledger: createWarmUpLedger(client, catalog.tableName),
    reputations: createReputationTable(client, catalog.tableName),
    pace: createPaceTable(client, catalog.tableName),
    clock,
  });
