import * as z from 'zod/mini';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import type { StreamStates } from '../ports.ts';
import type { StreamState } from '../stream-state.ts';
import { createPauses, type PausesOptions, pauseRow } from './pauses-table.ts';

const stateRow = z.extend(pauseRow, {
  warmUpStartedOn: z.exactOptional(z.string()),
  poolIps: z._default(z.array(z.string()), []),
  poolReadAtEpochMs: z.exactOptional(z.number()),
});

const NAMES = {
  '#startedOn': 'warmUpStartedOn',
  '#ips': 'poolIps',
  '#readAt': 'poolReadAtEpochMs',
};

/** States in the catalog: one item for each stream of which something was said. */
export function createStreamStates(options: Omit<PausesOptions, 'collection'>): StreamStates {
  const { update, ...pauses } = createPauses(
    { ...options, collection: CATALOG_COLLECTIONS.streams },
    (name, row): StreamState => ({ name, ...stateRow.parse(row) }),
  );

  return {
    ...pauses,

    async startWarmUp(name, startedOn, { unlessStarted }) {
      const how = { UpdateExpression: 'SET #startedOn = :startedOn' };
      const condition = unlessStarted ? { ConditionExpression: 'attribute_not_exists(#startedOn)' } : {};
      await update(name, { ...how, ...condition }, { ':startedOn': startedOn }, NAMES);
    },

    async setPoolIps(name, ips, readAtEpochMs) {
      const how = { UpdateExpression: 'SET #ips = :ips, #readAt = :readAt' };
      await update(name, how, { ':ips': ips, ':readAt': readAtEpochMs }, NAMES);
    },
  };
}
