import type { ServiceResponse } from '../../gateway/service-call.ts';
import type { DynamoDbEmulator } from '../emulator.ts';

export type Json = Readonly<Record<string, unknown>>;

/** Forwards a call; the emulator wants a signature and does not check it. */
export async function forwardCall(
  { hop }: Pick<DynamoDbEmulator, 'hop'>,
  operation: string,
  body: Buffer,
): Promise<ServiceResponse> {
  return hop.send({
    method: 'POST',
    path: '/',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20260101T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
    body,
  });
}

export const toBody = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

export const parseBody = <T>({ body }: ServiceResponse): T => JSON.parse(body.toString('utf8') || '{}') as T;

/** The same answer with another body, without the emulator's length and checksum, which would belie it. */
export const withBody = ({ status, headers }: ServiceResponse, value: unknown): ServiceResponse => ({
  status,
  headers: {
    'content-type': 'application/x-amz-json-1.0',
    ...(headers['x-amzn-requestid'] && { 'x-amzn-requestid': headers['x-amzn-requestid'] }),
  },
  body: toBody(value),
});
