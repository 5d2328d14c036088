import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { createVersionedItem } from '../../base/adapters/versioned-item.ts';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import { EMPTY_PACE } from '../pace-state.ts';
import type { PaceStore } from '../ports.ts';

const ceiling = z.exactOptional(
  z.object({ recipientsPerSecond: z.number(), loweredAtEpochMs: z.number(), changedAtEpochMs: z.number() }),
);

const paceRow = z.object({
  leases: z.array(
    z.object({
      leaseId: z.string(),
      stream: z.string(),
      recipientsPerSecond: z.number(),
      wantedPerSecond: z.number(),
      untilEpochMs: z.number(),
    }),
  ),
  wants: z.array(
    z.object({
      leaseId: z.string(),
      stream: z.string(),
      wantedPerSecond: z.number(),
      leastPerSecond: z.number(),
      untilEpochMs: z.number(),
    }),
  ),
  granted: z.object({
    readAtEpochMs: z.number(),
    sentLast24Hours: z.number(),
    recipientsBefore: z.number(),
    recipientsSince: z.number(),
  }),
  providers: z.object({
    gmail: ceiling,
    microsoft: ceiling,
    yahoo: ceiling,
    apple: ceiling,
    rest: ceiling,
  }),
});

/** One item of the catalog holds the rate of the whole account. */
export function createPaceTable(
  client: DynamoDBClient,
  tableName: string,
  jitter: () => number = Math.random,
): PaceStore {
  return createVersionedItem({
    client,
    tableName,
    key: { collection: CATALOG_COLLECTIONS.pace, item: 'account' },
    parse: (row) => paceRow.parse(row),
    empty: EMPTY_PACE,
    sleep,
    jitter,
  });
}
