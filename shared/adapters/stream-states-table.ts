import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { CATALOG_COLLECTIONS } from '../contract/resources.ts';
import type { Clock } from '../domain/ports.ts';
import type { StreamStates } from '../domain/sending-ports.ts';
import { newStreamState, type StreamState } from '../domain/stream-state.ts';
import { conditional } from './dynamodb-errors.ts';

/** A pause holds within this time in every running function. */
const CACHED_FOR_MS = 2_000;

const stateRow = z.object({
  status: z._default(z.enum(['active', 'paused']), 'active'),
  reason: z.exactOptional(z.string()),
  pausedBy: z.exactOptional(z.enum(['guard', 'operator'])),
  sinceEpochMs: z.exactOptional(z.number()),
  warmUpStartedOn: z.exactOptional(z.string()),
  poolIps: z._default(z.array(z.string()), []),
  poolReadAtEpochMs: z.exactOptional(z.number()),
});

export interface StreamStatesOptions {
  readonly client: DynamoDBClient;
  /** The catalog. */
  readonly tableName: string;
  readonly clock: Clock;
}

type Update = Pick<UpdateItemCommandInput, 'UpdateExpression' | 'ConditionExpression'>;

const PAUSE: Update = {
  UpdateExpression: 'SET #status = :paused, #reason = :reason, #by = :by, #since = :now',
};
const PAUSE_IF_ACTIVE: Update = {
  ...PAUSE,
  ConditionExpression: 'attribute_not_exists(#status) OR #status <> :paused',
};
const RESUME: Update = {
  UpdateExpression: 'SET #status = :active, #since = :now REMOVE #reason, #by',
  ConditionExpression: '#status = :paused',
};

const NAMES = {
  '#status': 'status',
  '#reason': 'reason',
  '#by': 'pausedBy',
  '#since': 'sinceEpochMs',
  '#startedOn': 'warmUpStartedOn',
  '#ips': 'poolIps',
  '#readAt': 'poolReadAtEpochMs',
};

/** In the catalog: one item for each stream that somebody has said something about. */
export function createStreamStates({ client, tableName, clock }: StreamStatesOptions): StreamStates {
  const cache = new Map<string, { readonly state: StreamState; readonly readAtEpochMs: number }>();

  const get = async (name: string) => {
    const readAtEpochMs = clock.nowEpochMs();
    const state = await readState(client, tableName, name);
    cache.set(name, { state, readAtEpochMs });
    return state;
  };

  const update = async (name: string, how: Update, values: Record<string, unknown>): Promise<boolean> => {
    const command = new UpdateItemCommand({
      TableName: tableName,
      Key: keyOf(name),
      ...how,
      ...namesIn(how),
      ExpressionAttributeValues: marshall(values),
    });
    const answer = await conditional(client.send(command));
    cache.delete(name);
    return answer.kind === 'done';
  };

  return {
    get,

    async find(name) {
      const known = cache.get(name);
      const isFresh =
        known !== undefined && Math.abs(clock.nowEpochMs() - known.readAtEpochMs) < CACHED_FOR_MS;
      return isFresh ? known.state : get(name);
    },

    pause: (name, { by, reason, nowEpochMs }) =>
      update(name, by === 'guard' ? PAUSE_IF_ACTIVE : PAUSE, {
        ':paused': 'paused',
        ':reason': reason,
        ':by': by,
        ':now': nowEpochMs,
      }),

    resume: (name, nowEpochMs) =>
      update(name, RESUME, { ':active': 'active', ':paused': 'paused', ':now': nowEpochMs }),

    async startWarmUp(name, startedOn, { unlessStarted }) {
      const how = { UpdateExpression: 'SET #startedOn = :startedOn' };
      const condition = unlessStarted ? { ConditionExpression: 'attribute_not_exists(#startedOn)' } : {};
      await update(name, { ...how, ...condition }, { ':startedOn': startedOn });
    },

    async setPoolIps(name, ips, readAtEpochMs) {
      const how = { UpdateExpression: 'SET #ips = :ips, #readAt = :readAt' };
      await update(name, how, { ':ips': ips, ':readAt': readAtEpochMs });
    },
  };
}

const keyOf = (name: string): Record<string, AttributeValue> =>
  marshall({ collection: CATALOG_COLLECTIONS.streams, item: name });

/** DynamoDB refuses names that an expression does not use. */
function namesIn({ UpdateExpression = '', ConditionExpression = '' }: Update) {
  const text = `${UpdateExpression} ${ConditionExpression}`;
  const used = Object.entries(NAMES).filter(([name]) => new RegExp(`${name}\\b`).test(text));
  return { ExpressionAttributeNames: Object.fromEntries(used) };
}

async function readState(client: DynamoDBClient, TableName: string, name: string): Promise<StreamState> {
  const get = new GetItemCommand({ TableName, Key: keyOf(name), ConsistentRead: true });
  const { Item } = await client.send(get);
  return Item === undefined ? newStreamState(name) : { name, ...stateRow.parse(unmarshall(Item)) };
}
