import type { Assembly } from '../assembly/assembly.ts';
import { jsonError } from '../gateway/aws-error.ts';
import type { ServiceResponse } from '../gateway/service-call.ts';
import type { ServiceCall } from '../gateway/wire-call.ts';
import { parseJson } from '../host/json.ts';
import type { InvocationResult, LambdaHost } from './invocation.ts';
import { describeFailure } from './invocation-error.ts';
import { findFunction } from './invoke-permission.ts';
import { EVENT_TOO_LARGE, SERVICE_FAILED, THROTTLED } from './lambda-host.ts';

/** Lambda's `Invoke` (API reference), for an answer that is waited for. */
export function createInvoke(assembly: Assembly, lambda: Pick<LambdaHost, 'invoke'>) {
  return async ({ input }: ServiceCall): Promise<ServiceResponse> => {
    const { InvocationType, FunctionName, Payload } = input as Readonly<Record<string, string>>;
    if (InvocationType !== 'RequestResponse')
      return refuse(
        501,
        'NotImplemented',
        `The local cloud does not host the InvocationType ${InvocationType}`,
      );
    const target = findFunction(assembly, FunctionName ?? '');
    if (!target) return refuse(404, 'ResourceNotFoundException', `Function not found: ${FunctionName}`);
    const event = parseJson(Payload || '{}');
    if (event === undefined)
      return refuse(400, 'InvalidRequestContentException', 'Could not parse request body into json');
    return toResponse(await lambda.invoke(target.logicalId, event));
  };
}

const refuse = jsonError;

/** Statuses of what the service refuses; a fault of the function is a 200 that says so in a header. */
const REFUSALS: Readonly<Record<string, number>> = {
  [THROTTLED]: 429,
  [EVENT_TOO_LARGE]: 413,
  [SERVICE_FAILED]: 500,
};

function toResponse(result: InvocationResult): ServiceResponse {
  if (result.kind === 'ok') return answer(result.payload, {});
  const { errorType, errorMessage } = describeFailure(result);
  const status = REFUSALS[errorType];
  if (status !== undefined) return refuse(status, errorType, errorMessage);
  return answer({ errorType, errorMessage }, { 'x-amz-function-error': 'Unhandled' });
}

const answer = (payload: unknown, headers: Readonly<Record<string, string>>): ServiceResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json', 'x-amz-executed-version': '$LATEST', ...headers },
  body: Buffer.from(JSON.stringify(payload)),
});
