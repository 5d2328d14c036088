import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { createVersionedItem, type VersionedItem } from '../../base/adapters/versioned-item.ts';
import type { Change } from '../../base/change.ts';
import type { Clock } from '../../base/ports.ts';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import { UNKNOWN_HEALTH, type WebhookHealth, type WebhookHealths } from '../webhook-health.ts';

const healthRow = z.object({
  isQuick: z.boolean(),
  silence: z.exactOptional(z.object({ count: z.number(), slowUntilEpochMs: z.number() })),
  failures: z.number(),
  failingSinceEpochMs: z.exactOptional(z.number()),
  lastFailureEpochMs: z.exactOptional(z.number()),
  breaker: z.exactOptional(
    z.object({
      openings: z.number(),
      openUntilEpochMs: z.number(),
      probeUntilEpochMs: z.exactOptional(z.number()),
    }),
  ),
});

interface WebhookHealthOptions {
  readonly client: DynamoDBClient;
  /** The catalog. */
  readonly tableName: string;
  readonly clock: Clock;
  /** A random number from 0 to 1. */
  readonly jitter?: () => number;
}

const CACHED_FOR_MS = 2_000;
/** Limit at which memory is begun anew, long before it is a burden. */
const MOST_REMEMBERED = 1_000;

interface Endpoint {
  readonly item: VersionedItem<WebhookHealth>;
  /**
   * Turn of a change. One process makes its changes in turn: ten calls that fail together do not contend with
   * each other.
   */
  turn: Promise<unknown>;
  known?: { readonly health: Promise<WebhookHealth>; readonly readAtEpochMs: number };
}

/** Health in the catalog: an item for each endpoint that has ever answered, or failed to. */
export function createWebhookHealthTable(options: WebhookHealthOptions): WebhookHealths {
  const { clock } = options;
  const endpoints = new Map<string, Endpoint>();

  const endpointOf = (webhookId: string): Endpoint => {
    const known = endpoints.get(webhookId);
    if (known !== undefined) return known;
    if (endpoints.size >= MOST_REMEMBERED) endpoints.clear();
    const endpoint = { item: itemOf(webhookId, options), turn: Promise.resolve() };
    endpoints.set(webhookId, endpoint);
    return endpoint;
  };

  const remember = (endpoint: Endpoint, health: Promise<WebhookHealth>): Promise<WebhookHealth> => {
    const known = { health, readAtEpochMs: clock.nowEpochMs() };
    endpoint.known = known;
    health.catch(() => {
      if (endpoint.known === known) delete endpoint.known;
    });
    return health;
  };

  return {
    async find(webhookId) {
      const endpoint = endpointOf(webhookId);
      const { known } = endpoint;
      const isFresh =
        known !== undefined && Math.abs(clock.nowEpochMs() - known.readAtEpochMs) < CACHED_FOR_MS;
      return isFresh ? known.health : remember(endpoint, endpoint.item.read());
    },

    change(webhookId, decide) {
      const endpoint = endpointOf(webhookId);
      const changed = endpoint.turn.then(async () => {
        const { answer, health } = await changeItem(endpoint.item, decide);
        await remember(endpoint, Promise.resolve(health));
        return answer;
      });
      endpoint.turn = changed.catch(() => undefined);
      return changed;
    },
  };
}

async function changeItem<Answer>(
  item: VersionedItem<WebhookHealth>,
  decide: (health: WebhookHealth) => Change<WebhookHealth, Answer>,
): Promise<{ readonly answer: Answer; readonly health: WebhookHealth }> {
  return item.change((before) => {
    const { answer, state } = decide(before);
    const both = { answer, health: state ?? before };
    return state === undefined ? { answer: both } : { answer: both, state };
  });
}

const itemOf = (
  webhookId: string,
  { client, tableName, jitter = Math.random }: WebhookHealthOptions,
): VersionedItem<WebhookHealth> =>
  createVersionedItem({
    client,
    tableName,
    key: { collection: CATALOG_COLLECTIONS.webhookHealth, item: webhookId },
    parse: (row) => healthRow.parse(row),
    empty: UNKNOWN_HEALTH,
    sleep,
    jitter,
  });
