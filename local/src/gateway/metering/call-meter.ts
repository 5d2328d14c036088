import type { GatewayOptions } from '../gateway.ts';
import type { ServiceResponse } from '../service-call.ts';
import { measure } from './measure.ts';
import type { Meter } from './usage.ts';

/** Services whose bill depends on what they answered. */
const ANSWER_COUNTS = new Set(['dynamodb', 'events', 'sqs']);

/** Bills what the gateway saw: to the calling function, or to the AWS service that acted for the account. */
export function createCallMeter(meter: Meter): GatewayOptions['measure'] {
  return ({ service, operation, caller }, { input }, { response, ...items }) => {
    const functionName = caller.kind === 'function' ? caller.functionName : serviceName(caller.principal);
    const usages = measure({
      ...{ service, operation, functionName, request: input, ...items },
      response: ANSWER_COUNTS.has(service) ? parse(response) : undefined,
      status: response.status,
    });
    for (const usage of usages) meter.record(usage);
  };
}

/** `sns.amazonaws.com` is `sns` in the report, beside the functions' names. */
const serviceName = (principal: string): string => principal.split('.')[0] ?? principal;

function parse({ body }: ServiceResponse): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
