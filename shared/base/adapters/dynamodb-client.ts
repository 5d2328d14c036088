import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** A table, and the client that speaks to it. */
export interface Table {
  readonly client: DynamoDBClient;
  readonly TableName: string;
}

/**
 * Time-out of a connection. A healthy answer takes milliseconds; without a limit a dead connection would hold
 * its caller until the function ends.
 */
const CONNECTION_TIMEOUT_MS = 1_000;
const REQUEST_TIMEOUT_MS = 3_000;

/**
 * Creates the client, with three attempts, as by default: every write of ours is conditional or the same when
 * repeated.
 */
export function createDynamoDbClient(): DynamoDBClient {
  return new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  });
}
