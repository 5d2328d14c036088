import { createDynamoDbClient } from '../../shared/base/adapters/dynamodb-client.ts';
import { createSqsClient } from '../../shared/base/adapters/sqs-client.ts';
import { systemClock as clock } from '../../shared/runtime/clock.ts';
import { readEnvironment } from '../../shared/runtime/env.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createTenantsTable } from '../../shared/tenants/adapters/tenants-table.ts';

/** What the wiring of every subject begins with. */
export type CommonDeps = ReturnType<typeof createCommonDeps>;

export function createCommonDeps() {
  const environment = readEnvironment([
    'MESSAGES_TABLE_NAME',
    'CATALOG_TABLE_NAME',
    'EVENTS_TABLE_NAME',
    'CONTENT_BUCKET_NAME',
    'STREAMS',
    'ATTACHMENT_QUEUE_URL',
    'RELEASE_QUEUE_URL',
    'SENDING_DOMAINS',
  ]);
  const client = createDynamoDbClient();
  const catalog = { client, tableName: environment.catalogTableName };
  return {
    environment,
    client,
    sqs: createSqsClient(),
    catalog,
    clock,
    log: createLogger('sweep'),
    tenants: createTenantsTable({ ...catalog, clock }),
  };
}
