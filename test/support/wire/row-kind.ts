import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { NOON } from '../messages/message-builders.ts';

/** One kind of stored row: how this version writes it, and what it reads in it. */
export interface RowKind {
  /** Of its fixture: `<kind>-v<version>`. */
  readonly name: string;
  readonly write: (client: DynamoDBClient) => Promise<unknown>;
  readonly read: (client: DynamoDBClient) => Promise<unknown>;
}

export const clock = { nowEpochMs: () => NOON };
export const EXPIRES_AT = 4_102_444_800;
