import { jsonError } from '../gateway/aws-error.ts';
import { type Dialect, JSON_CODES } from '../gateway/dialect.ts';
import { readMembers } from '../gateway/read-operation.ts';
import { type ReadOperation, UNKNOWN_OPERATION } from '../gateway/wire-call.ts';
import { readSesCall } from './call.ts';

/** Members of the body, the query and the path are one request. */
const readSesOperation: ReadOperation = ({ method, body }, path, query) => {
  const { operation = UNKNOWN_OPERATION, parameters } = readSesCall(method, path) ?? {};
  return { operation, input: { ...readMembers(body), ...Object.fromEntries(query), ...parameters } };
};

export const SES_DIALECT: Dialect = {
  ...JSON_CODES,
  signingNames: ['ses', 'email'],
  readOperation: readSesOperation,
  error: jsonError,
  throttled: [429, 'TooManyRequestsException', 'Maximum sending rate exceeded.'],
};
