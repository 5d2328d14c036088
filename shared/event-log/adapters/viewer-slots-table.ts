import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { catalogRows } from '../../base/adapters/catalog-rows.ts';
import { conditional } from '../../base/adapters/dynamodb-errors.ts';
import type { Clock } from '../../base/ports.ts';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import { SLOT_LEASE_MS, type ViewerSlots } from '../viewer-slots.ts';

interface ViewerSlotsOptions {
  readonly client: DynamoDBClient;
  /** The catalog. */
  readonly tableName: string;
  /** Number of viewers that may watch at once. */
  readonly places: number;
  readonly clock: Clock;
}

const collection = CATALOG_COLLECTIONS.tailViewers;

/** One item of the catalog for each place: who has it, and until when. */
export function createViewerSlots({
  client,
  tableName: TableName,
  places,
  clock,
}: ViewerSlotsOptions): ViewerSlots {
  const put = async (place: string, viewerId: string, condition: Condition): Promise<boolean> => {
    const untilEpochMs = clock.nowEpochMs() + SLOT_LEASE_MS;
    const Item = marshall({ collection, item: place, viewerId, untilEpochMs });
    return (
      (await conditional(client.send(new PutItemCommand({ TableName, Item, ...condition })))).kind === 'done'
    );
  };
  const freePlaces = async (): Promise<readonly string[]> => {
    const rows = await catalogRows(client, TableName, collection, { ConsistentRead: true });
    const taken = rows.filter(({ untilEpochMs }) => Number(untilEpochMs) > clock.nowEpochMs());
    const names = new Set(taken.map(({ item }) => item));
    return Array.from({ length: places }, (_, index) => String(index)).filter((name) => !names.has(name));
  };

  return {
    async claim(viewerId) {
      for (const place of await freePlaces()) {
        if (!(await put(place, viewerId, ifFreeAt(clock.nowEpochMs())))) continue;
        return {
          renew: () => put(place, viewerId, ifHeldBy(viewerId)),
          async release() {
            const Key = marshall({ collection, item: place });
            await conditional(client.send(new DeleteItemCommand({ TableName, Key, ...ifHeldBy(viewerId) })));
          },
        };
      }
      return undefined;
    },
  };
}

type Condition = Pick<
  PutItemCommandInput,
  'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

const ifFreeAt = (nowEpochMs: number): Condition => ({
  ConditionExpression: 'attribute_not_exists(#until) OR #until <= :now',
  ExpressionAttributeNames: { '#until': 'untilEpochMs' },
  ExpressionAttributeValues: marshall({ ':now': nowEpochMs }),
});

const ifHeldBy = (viewerId: string): Condition => ({
  ConditionExpression: '#viewer = :viewer',
  ExpressionAttributeNames: { '#viewer': 'viewerId' },
  ExpressionAttributeValues: marshall({ ':viewer': viewerId }),
});
