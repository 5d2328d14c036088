import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { conditional } from '../../base/adapters/dynamodb-errors.ts';
import { defined } from '../../base/defined.ts';
import type { Clock } from '../../base/ports.ts';
import type { Pauses } from '../ports.ts';
import type { PausedBy, PauseState } from '../stream-state.ts';

/** Time that a state is cached: a pause holds within it in every running function. */
const CACHED_FOR_MS = 2_000;

/** Pause as an item of a stream or of a tenant holds it. */
export const pauseRow = z.object({
  status: z._default(z.enum(['active', 'paused']), 'active'),
  reason: z.exactOptional(z.string()),
  pausedBy: z.exactOptional(z.enum(['guard', 'operator', 'ses'])),
  sinceEpochMs: z.exactOptional(z.number()),
});

export interface PausesOptions {
  readonly client: DynamoDBClient;
  /** The catalog. */
  readonly tableName: string;
  readonly clock: Clock;
  /** Collection of the pauses: those of streams or of tenants. */
  readonly collection: string;
}

type Update = Pick<UpdateItemCommandInput, 'UpdateExpression' | 'ConditionExpression'>;

const PAUSE: Update = {
  UpdateExpression: 'SET #status = :paused, #reason = :reason, #by = :by, #since = :now',
};
const PAUSE_IF_ACTIVE: Update = {
  ...PAUSE,
  ConditionExpression: 'attribute_not_exists(#status) OR #status <> :paused',
};
/** Update that pauses. The guard's word outlasts SES's: what SES lets go may still be over its line. */
const PAUSE_IF_ACTIVE_OR_BY_SES: Update = {
  ...PAUSE,
  ConditionExpression: 'attribute_not_exists(#status) OR #status <> :paused OR #by = :ses',
};
const RESUME: Update = {
  UpdateExpression: 'SET #status = :active, #since = :now REMOVE #reason, #by',
  ConditionExpression: '#status = :paused',
};
const RESUME_IF_BY: Update = { ...RESUME, ConditionExpression: '#status = :paused AND #by = :by' };

const PAUSES: Readonly<Record<PausedBy, Update>> = {
  operator: PAUSE,
  guard: PAUSE_IF_ACTIVE_OR_BY_SES,
  ses: PAUSE_IF_ACTIVE,
};

const NAMES = {
  '#status': 'status',
  '#reason': 'reason',
  '#by': 'pausedBy',
  '#since': 'sinceEpochMs',
};

/** Pauses in the catalog: an item for each stream or tenant of which something was said. */
export function createPauses<State extends PauseState = PauseState>(
  { client, tableName: TableName, clock, collection }: PausesOptions,
  toState: (name: string, row: Record<string, unknown>) => State = toPauseState as typeof toState,
): Pauses<State> & { update: ItemUpdate } {
  const cache = new Map<string, { readonly state: State; readonly readAtEpochMs: number }>();
  const keyOf = (name: string): Record<string, AttributeValue> => marshall({ collection, item: name });

  const get = async (name: string): Promise<State> => {
    const readAtEpochMs = clock.nowEpochMs();
    const command = new GetItemCommand({ TableName, Key: keyOf(name), ConsistentRead: true });
    const { Item } = await client.send(command);
    const state = toState(name, Item === undefined ? {} : unmarshall(Item));
    cache.set(name, { state, readAtEpochMs });
    return state;
  };

  const update: ItemUpdate = async (name, how, values, names = NAMES) => {
    const command = new UpdateItemCommand({
      TableName,
      Key: keyOf(name),
      ...how,
      ...namesIn(how, names),
      ExpressionAttributeValues: marshall(values),
    });
    const answer = await conditional(client.send(command));
    cache.delete(name);
    return answer.kind === 'done';
  };

  return {
    get,
    update,

    async find(name) {
      const known = cache.get(name);
      const isFresh =
        known !== undefined && Math.abs(clock.nowEpochMs() - known.readAtEpochMs) < CACHED_FOR_MS;
      return isFresh ? known.state : get(name);
    },

    pause: (name, { by, reason, nowEpochMs }) =>
      update(name, PAUSES[by], {
        ':paused': 'paused',
        ':reason': reason,
        ':by': by,
        ':now': nowEpochMs,
        ...(by === 'guard' ? { ':ses': 'ses' } : {}),
      }),

    resume: (name, nowEpochMs, ifBy) =>
      update(name, ifBy === undefined ? RESUME : RESUME_IF_BY, {
        ':active': 'active',
        ':paused': 'paused',
        ':now': nowEpochMs,
        ...defined({ ':by': ifBy }),
      }),
  };
}

/** Update of what is beside the pause; its expressions use the given names. */
type ItemUpdate = (
  name: string,
  how: Update,
  values: Record<string, unknown>,
  names?: Readonly<Record<string, string>>,
) => Promise<boolean>;

const toPauseState = (name: string, row: Record<string, unknown>): PauseState => ({
  name,
  ...pauseRow.parse(row),
});

/** DynamoDB refuses names that an expression does not use. */
function namesIn({ UpdateExpression = '', ConditionExpression = '' }: Update, names: Record<string, string>) {
  const text = `${UpdateExpression} ${ConditionExpression}`;
  const used = Object.entries(names).filter(([name]) => new RegExp(`${name}\\b`).test(text));
  return { ExpressionAttributeNames: Object.fromEntries(used) };
}
