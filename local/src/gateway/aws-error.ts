import type { ServiceName, ServiceResponse } from './service-call.ts';

/** An error in the protocol of the service that would have given it. */
export function awsError(
  service: ServiceName,
  status: number,
  code: string,
  message: string,
): ServiceResponse {
  if (service === 's3')
    return xml(status, `<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`);
  if (service === 'sns')
    return xml(
      status,
      `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error></ErrorResponse>`,
    );
  return {
    status,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-errortype': code,
      'x-amzn-query-error': `${code};Sender`,
    },
    body: Buffer.from(JSON.stringify({ __type: code, message })),
  };
}

const xml = (status: number, text: string): ServiceResponse => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: Buffer.from(text),
});

const escapeXml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

export const accessDenied = (service: ServiceName, message: string): ServiceResponse =>
  awsError(service, service === 'dynamodb' ? 400 : 403, DENIED[service] ?? 'AccessDeniedException', message);

const DENIED: Partial<Record<ServiceName, string>> = {
  s3: 'AccessDenied',
  sqs: 'AccessDenied',
  sns: 'AuthorizationError',
};

/** How each service says "too much". */
const THROTTLING: Readonly<Record<ServiceName, readonly [number, string, string]>> = {
  dynamodb: [
    400,
    'ProvisionedThroughputExceededException',
    'The level of configured throughput was exceeded.',
  ],
  sqs: [403, 'RequestThrottled', 'The request was denied due to request throttling.'],
  s3: [503, 'SlowDown', 'Please reduce your request rate.'],
  sns: [400, 'Throttling', 'Rate exceeded'],
  ses: [429, 'TooManyRequestsException', 'Maximum sending rate exceeded.'],
  events: [400, 'ThrottlingException', 'Rate exceeded'],
  lambda: [429, 'TooManyRequestsException', 'Rate Exceeded.'],
};

export const throttled = (service: ServiceName): ServiceResponse => awsError(service, ...THROTTLING[service]);

export const internalError = (service: ServiceName): ServiceResponse =>
  awsError(
    service,
    500,
    service === 'dynamodb' ? 'InternalServerError' : 'InternalFailure',
    'Internal server error',
  );
