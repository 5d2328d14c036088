import { jsonError } from '../gateway/aws-error.ts';
import { type Dialect, JSON_CODES } from '../gateway/dialect.ts';
import { type ReadOperation, UNKNOWN_OPERATION } from '../gateway/wire-call.ts';
import { decode } from '../host/json.ts';

/** The name may be an ARN, whole or from the account on (Lambda API reference, Invoke). */
const readInvoke: ReadOperation = ({ method, headers, body }, path) => {
  const [, name] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path) ?? [];
  if (method !== 'POST' || name === undefined) return { operation: UNKNOWN_OPERATION, input: {} };
  return {
    operation: 'Invoke',
    input: {
      FunctionName: decode(name).split(':function:').at(-1),
      InvocationType: headers['x-amz-invocation-type'] ?? 'RequestResponse',
      Payload: body.toString('utf8'),
    },
  };
};

export const LAMBDA_DIALECT: Dialect = {
  ...JSON_CODES,
  signingNames: ['lambda'],
  readOperation: readInvoke,
  error: jsonError,
  throttled: [429, 'TooManyRequestsException', 'Rate Exceeded.'],
};
