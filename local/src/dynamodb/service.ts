import type { HostedService } from '../gateway/hosted-service.ts';
import type { ServiceCall } from '../gateway/wire-call.ts';
import { parseJson } from '../host/json.ts';
import { createDynamoDb, type DynamoDbOptions } from './backend.ts';
import type { DynamoDbOutcome } from './completion/outcome.ts';
import { DYNAMODB_DIALECT } from './dialect.ts';
import { dynamodbPermissions } from './permissions.ts';
import type { TableStreamBacklog } from './poller/backlog.ts';
import { tableStreamRoutes } from './routes.ts';
import { dynamodbUsage } from './usage.ts';

interface DynamoDbServiceOptions extends DynamoDbOptions {
  readonly backlogs: () => readonly TableStreamBacklog[];
}

/** DynamoDB with the template's tables and their streams. */
export function createDynamoDbService(options: DynamoDbServiceOptions): HostedService<DynamoDbOutcome> {
  const answer = createDynamoDb(options);

  return {
    dialect: DYNAMODB_DIALECT,
    backend: ({ operation, body }, { input }) => answer(operation, input, body),
    permissionsOf: (call) => dynamodbPermissions(call, options.assembly),
    usageOf: billedUnits,
    routes: tableStreamRoutes(options.backlogs),
    close: () => {},
  };
}

function billedUnits({ operation, input }: ServiceCall, { response, ...items }: DynamoDbOutcome) {
  return dynamodbUsage({
    operation,
    request: input,
    // Most bills need no look into the answer.
    get response() {
      return parseJson(response.body);
    },
    status: response.status,
    before: items.evaluated ?? items.before,
    after: items.after,
    indexesOf: items.indexesOf,
  });
}
