import type { Caller, Gateway, ServiceResponse } from '../gateway/service-call.ts';

/** A message as ReceiveMessage gives it. */
export interface ReceivedMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** SQS refused or failed; `status` is HTTP's. */
export class SqsCallError extends Error {
  readonly status: number;

  constructor(operation: string, { status, body }: ServiceResponse) {
    super(`${operation} answered ${status}: ${body.toString('utf8').slice(0, 300)}`);
    this.name = 'SqsCallError';
    this.status = status;
  }
}

/** Calls SQS through the gateway in its JSON protocol. Throws SqsCallError. */
export async function callSqs<T>(
  gatewayCall: Gateway['call'],
  caller: Caller,
  operation: string,
  input: Readonly<Record<string, unknown>>,
): Promise<T> {
  const response = await gatewayCall({
    service: 'sqs',
    operation,
    method: 'POST',
    url: '/',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` },
    body: Buffer.from(JSON.stringify(input)),
    caller,
  });
  if (response.status >= 300) throw new SqsCallError(operation, response);
  return JSON.parse(response.body.toString('utf8') || '{}') as T;
}
