import { type DynamodbCall, dynamodbUsage, type Items } from '../../dynamodb/usage.ts';
import { eventsUsage } from '../../events/usage.ts';
import { s3Usage } from '../../s3/usage.ts';
import { sesUsage } from '../../ses/usage.ts';
import { snsUsage } from '../../sns/usage.ts';
import { sqsUsage } from '../../sqs/usage.ts';
import type { ServiceName } from '../service-call.ts';
import type { BilledUnits } from './units.ts';
import type { Usage } from './usage.ts';

export interface MeasuredCall {
  readonly service: ServiceName;
  readonly operation: string;
  readonly functionName: string;
  /** Parsed JSON; undefined where the body is none. */
  readonly request: unknown;
  readonly response: unknown;
  readonly status: number;
  /** DynamoDB items as they were, one per key in the order of the request; undefined where there was none. */
  readonly before?: Items | undefined;
  readonly after?: Items | undefined;
  /** Every item that a Query or Scan with a filter, a projection or `COUNT` read; goes before `before`. */
  readonly evaluated?: Items | undefined;
  readonly indexesOf?: DynamodbCall['indexesOf'];
}

/**
 * What one call to a service is billed for, none for a failed one but for DynamoDB's failed conditions. The
 * request itself is counted in the first usage only. Invocations are billed by the Lambda host.
 */
export function measure(call: MeasuredCall): Usage[] {
  const { functionName, service, operation } = call;
  return unitsOf(call).map((billed, at) => ({
    ...{ functionName, service, operation, requests: at === 0 ? 1 : 0 },
    ...billed,
  }));
}

function unitsOf(call: MeasuredCall): readonly BilledUnits[] {
  if (call.service === 'dynamodb') return dynamodbUsage({ ...call, before: call.evaluated ?? call.before });
  if (call.status >= 400) return [];
  return unitsOfSuccess(call);
}

function unitsOfSuccess(call: MeasuredCall): readonly BilledUnits[] {
  const { service, operation, request, response } = call;
  if (service === 'sqs') return sqsUsage(call);
  if (service === 'sns') return snsUsage(operation, request);
  if (service === 's3') return s3Usage(operation);
  if (service === 'events') return eventsUsage(operation, request, response);
  return service === 'ses' ? sesUsage(operation, request) : [];
}
