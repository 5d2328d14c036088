import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';

type Row = Record<string, unknown>;

type ConditionalAnswer<T> =
  | { readonly kind: 'done'; readonly output: T }
  /** The item as it stood, where DynamoDB sent it along. */
  | { readonly kind: 'refused'; readonly item: Row | undefined };

/** Condition of a put: no item stands under the key, whose sort key is `item` in every table. */
export const IF_ABSENT = {
  ConditionExpression: 'attribute_not_exists(#item)',
  ExpressionAttributeNames: { '#item': 'item' },
};

/** Turns a failed condition into an answer; everything else that goes wrong is thrown. */
export async function conditional<T>(call: Promise<T>): Promise<ConditionalAnswer<T>> {
  try {
    return { kind: 'done', output: await call };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { kind: 'refused', item: error.Item && unmarshall(error.Item) };
  }
}

/** Tells whether a write's condition held; everything else that goes wrong is thrown. */
export const conditionHolds = async (call: Promise<unknown>): Promise<boolean> =>
  (await conditional(call)).kind === 'done';
