import { jsonError } from '../gateway/aws-error.ts';
import { type Dialect, JSON_CODES } from '../gateway/dialect.ts';
import { readTarget } from '../gateway/read-operation.ts';

export const SQS_DIALECT: Dialect = {
  ...JSON_CODES,
  signingNames: ['sqs'],
  readOperation: readTarget,
  error: jsonError,
  denied: [403, 'AccessDenied'],
  throttled: [403, 'RequestThrottled', 'The request was denied due to request throttling.'],
};
