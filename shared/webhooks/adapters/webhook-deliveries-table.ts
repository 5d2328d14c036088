import { setTimeout as sleep } from 'node:timers/promises';
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createVersionedItem } from '../../base/adapters/versioned-item.ts';
import { SECONDS_PER_DAY } from '../../base/durations.ts';
import type { Clock } from '../../base/ports.ts';
import { inParallel } from '../../base/services/in-parallel.ts';
import type { WebhookDeliveries, WebhookDelivery } from '../ports.ts';
import { uniteDeliveries } from '../webhook-delivery.ts';
import {
  eventKey,
  formatDelivery,
  packSuccesses,
  parseDelivery,
  secondOf,
  successesKey,
} from './webhook-deliveries-codec.ts';
import { readSeconds } from './webhook-deliveries-list.ts';

interface WebhookDeliveriesOptions {
  readonly client: DynamoDBClient;
  /** Name of the events table. */
  readonly tableName: string;
  readonly clock: Clock;
  /** A random number from 0 to 1. */
  readonly jitter?: () => number;
}

const KEPT_SECONDS = 30 * SECONDS_PER_DAY;
/** Successes of an item: some 3 KB; an item may have 400. */
const SUCCESSES_PER_ITEM = 100;
const WRITES_AT_ONCE = 8;

/**
 * Records of what became of the events of each webhook, in items that lie in the order of the events' time.
 */
export function createWebhookDeliveriesTable(options: WebhookDeliveriesOptions): WebhookDeliveries {
  const { client, tableName: TableName, clock } = options;
  const expiresAtEpochSeconds = () => Math.floor(clock.nowEpochMs() / 1000) + KEPT_SECONDS;

  return {
    async putSuccesses(webhookId, deliveries) {
      await inParallel(splitBySecond(deliveries), WRITES_AT_ONCE, ([second, group]) => {
        const packed = packSuccesses(group);
        const item = { ...successesKey(webhookId, second, packed), deliveries: packed };
        const Item = marshall({ ...item, expiresAtEpochSeconds: expiresAtEpochSeconds() });
        return client.send(new PutItemCommand({ TableName, Item }));
      });
    },

    async put(webhookId, delivery) {
      const item = eventItem(webhookId, delivery.eventId, options, expiresAtEpochSeconds());
      await item.change(({ known = delivery }) => ({
        answer: undefined,
        state: { known: uniteDeliveries(known, delivery) },
      }));
    },

    /** Reads the whole second of the event: its success may stand among others. */
    async get(webhookId, eventId) {
      for await (const deliveries of readSeconds(options, { webhookId, second: secondOf(eventId) }))
        return deliveries.find((delivery) => delivery.eventId === eventId);
      return undefined;
    },

    async list(webhookId, { limit, after }) {
      const range = { webhookId, ...(after === undefined ? {} : { upToSecond: secondOf(after) }) };
      const found: WebhookDelivery[] = [];
      for await (const deliveries of readSeconds(options, range, limit + 1)) {
        found.push(...deliveries.filter(({ eventId }) => after === undefined || eventId < after));
        if (found.length > limit) break;
      }
      return { deliveries: found.slice(0, limit), hasMore: found.length > limit };
    },
  };
}

/** Two workers that write at once lose none of each other's attempts. */
function eventItem(
  webhookId: string,
  eventId: string,
  { client, tableName, jitter = Math.random }: WebhookDeliveriesOptions,
  expiresAtEpochSeconds: number,
) {
  return createVersionedItem<{ readonly known?: WebhookDelivery }>({
    client,
    tableName,
    expiresAtEpochSeconds,
    sleep,
    jitter,
    empty: {},
    key: eventKey(webhookId, eventId),
    parse: (state) => ({ known: parseDelivery(eventId, state) }),
    format: ({ known }) => (known === undefined ? {} : formatDelivery(known)),
  });
}

type Group = readonly [second: string, deliveries: readonly WebhookDelivery[]];

const splitBySecond = (deliveries: readonly WebhookDelivery[]): readonly Group[] =>
  [...Map.groupBy(deliveries, ({ eventId }) => secondOf(eventId))].flatMap(([second, group]) =>
    Array.from({ length: Math.ceil(group.length / SUCCESSES_PER_ITEM) }, (_, index): Group => {
      const start = index * SUCCESSES_PER_ITEM;
      return [second, group.slice(start, start + SUCCESSES_PER_ITEM)];
    }),
  );
