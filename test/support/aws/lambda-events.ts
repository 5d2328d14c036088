import type { APIGatewayProxyEventV2, Context, SQSEvent } from 'aws-lambda';

/** As much of an API Gateway event of payload 2.0 as our handlers read. */
export function anHttpEvent(overrides: Partial<APIGatewayProxyEventV2> & { method?: string } = {}) {
  const { method = 'POST', ...rest } = overrides;
  return {
    version: '2.0',
    rawPath: '/emails',
    rawQueryString: '',
    headers: { 'Content-Type': 'application/json' },
    requestContext: { http: { method } },
    isBase64Encoded: false,
    ...rest,
  } as APIGatewayProxyEventV2;
}

export interface RecordOverrides {
  readonly body: string;
  readonly receiveCount?: number;
}

export function anSqsEvent(...records: readonly RecordOverrides[]): SQSEvent {
  return {
    Records: records.map(({ body, receiveCount = 1 }, index) => ({
      messageId: `record-${index}`,
      receiptHandle: `receipt-${index}`,
      body,
      attributes: {
        ApproximateReceiveCount: String(receiveCount),
        SentTimestamp: '1795435200000',
        SenderId: 'AIDA',
        ApproximateFirstReceiveTimestamp: '1795435200000',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:send',
      awsRegion: 'us-east-1',
    })),
  };
}

export const aContext = (): Context =>
  ({ awsRequestId: 'request-1', getRemainingTimeInMillis: () => 30_000 }) as Context;
