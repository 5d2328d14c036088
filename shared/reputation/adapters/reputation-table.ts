import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { createVersionedItem } from '../../base/adapters/versioned-item.ts';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import { addToWindow, EMPTY_WINDOW } from '../guard.ts';
import type { ReputationSubject, Reputations } from '../ports.ts';

const windowRow = z.object({
  startedAtEpochMs: z.number(),
  buckets: z.array(z.object({ sent: z.number(), bounced: z.number(), complained: z.number() })),
});

/** Windows in the catalog: one for each stream and tenant. */
export function createReputationTable(
  client: DynamoDBClient,
  tableName: string,
  jitter: () => number = Math.random,
): Reputations {
  const windowOf = (subject: ReputationSubject) =>
    createVersionedItem({
      client,
      tableName,
      key: { collection: CATALOG_COLLECTIONS.reputation, item: subject },
      parse: (row) => windowRow.parse(row),
      empty: EMPTY_WINDOW,
      sleep,
      jitter,
    });

  return {
    get: (subject) => windowOf(subject).read(),

    add: (subject, events) =>
      windowOf(subject).change((window) => {
        const answer = addToWindow(window, events);
        return answer === window ? { answer } : { answer, state: answer };
      }),

    restart: (subject, startedAtEpochMs) =>
      windowOf(subject).change(() => ({ answer: undefined, state: { ...EMPTY_WINDOW, startedAtEpochMs } })),
  };
}
