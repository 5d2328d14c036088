import { jsonError } from '../gateway/aws-error.ts';
import { type Dialect, JSON_CODES } from '../gateway/dialect.ts';
import { readTarget } from '../gateway/read-operation.ts';

export const EVENTS_DIALECT: Dialect = {
  ...JSON_CODES,
  signingNames: ['events'],
  readOperation: readTarget,
  error: jsonError,
  throttled: [400, 'ThrottlingException', 'Rate exceeded'],
};
