/**
 * Custom resource that CloudFormation calls when the stack is made or changed: makes a signing key and a
 * first API key. Run again, it finds what is there and changes nothing.
 */
import { randomBytes } from 'node:crypto';
import { createApiKeysTable } from '../../shared/access/adapters/api-keys-table.ts';
import { createBootstrapKeys } from '../../shared/access/adapters/bootstrap-keys-table.ts';
import { createSigningKeyMaker } from '../../shared/access/adapters/signing-keys-table.ts';
import { replyToCloudFormation } from '../../shared/base/adapters/custom-resource-reply.ts';
import { createDynamoDbClient } from '../../shared/base/adapters/dynamodb-client.ts';
import { systemClock as clock } from '../../shared/runtime/clock.ts';
import { customResourceStack } from '../../shared/runtime/custom-resource-stack.ts';
import { readEnvironment } from '../../shared/runtime/env.ts';
import { createIds } from '../../shared/runtime/ids.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createBootstrapKey } from './create-bootstrap-key.ts';

const { catalogTableName: tableName } = readEnvironment(['CATALOG_TABLE_NAME']);
const client = createDynamoDbClient();
const log = createLogger('create-bootstrap-key');

const answer = createBootstrapKey({
  signingKeys: createSigningKeyMaker({ client, tableName }),
  bootstrapKeys: createBootstrapKeys({ client, tableName }),
  apiKeys: createApiKeysTable({ client, tableName, clock }),
  ids: createIds(clock),
  newSecret: () => randomBytes(32).toString('base64'),
  reply: replyToCloudFormation,
  log,
});

export const handler = customResourceStack(answer, log);
