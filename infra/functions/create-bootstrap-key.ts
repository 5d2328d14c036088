import { Duration } from 'aws-cdk-lib';
import { BootstrapKey } from '../constructs/access/bootstrap-key.ts';
import { defineFunction } from '../constructs/functions/function-definition.ts';

export const createBootstrapKey = defineFunction({
  name: 'create-bootstrap-key',
  /** A few requests, and the answer to CloudFormation. */
  timeout: Duration.seconds(30),
  environment: ({ store }) => ({ CATALOG_TABLE_NAME: store.catalog.tableName }),
  trigger: (lambda, { stack, store }) =>
    new BootstrapKey(stack, 'Bootstrap', { createBootstrapKey: lambda, catalog: store.catalog }),
  grants: ({ store: { grants } }) => [
    grants.catalog(['GetItem', 'PutItem'], 'deployment', 'signingKey'),
    grants.catalog(['PutItem'], 'apiKeys'),
  ],
});
