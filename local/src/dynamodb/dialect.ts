import { jsonError } from '../gateway/aws-error.ts';
import { type Dialect, JSON_CODES } from '../gateway/dialect.ts';
import { readTarget } from '../gateway/read-operation.ts';

export const DYNAMODB_DIALECT: Dialect = {
  ...JSON_CODES,
  signingNames: ['dynamodb'],
  readOperation: readTarget,
  error: jsonError,
  denied: [400, 'AccessDeniedException'],
  throttled: [
    400,
    'ProvisionedThroughputExceededException',
    'The level of configured throughput was exceeded.',
  ],
  failed: 'InternalServerError',
};
