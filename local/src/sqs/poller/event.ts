import { readItemFailures } from '../../lambda/event-source-mapping/item-failures.ts';
import type { InvocationResult } from '../../lambda/invocation.ts';
import type { ReceivedMessage } from '../client.ts';

interface SqsEventOrigin {
  readonly queueArn: string;
  readonly region: string;
}

/** The event of an SQS event source mapping (Lambda developer guide, "Using Lambda with Amazon SQS"). */
export function toSqsEvent(messages: readonly ReceivedMessage[], { queueArn, region }: SqsEventOrigin) {
  return {
    Records: messages.map((message) => ({
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: message.Attributes ?? {},
      messageAttributes: Object.fromEntries(
        Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, toAttribute(value)]),
      ),
      md5OfBody: message.MD5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN: queueArn,
      awsRegion: region,
    })),
  };
}

const toAttribute = (value: Readonly<Record<string, unknown>>) => ({
  ...(value.StringValue !== undefined && { stringValue: value.StringValue }),
  ...(value.BinaryValue !== undefined && { binaryValue: value.BinaryValue }),
  stringListValues: [],
  binaryListValues: [],
  dataType: value.DataType,
});

/**
 * Finds the messages that Lambda deletes after an invocation. A reply that names an unknown, empty or missing
 * identifier counts as a failure of the whole batch, an absent or empty list as success of all (developer
 * guide, "Success and failure conditions").
 */
export function findSucceeded(
  messages: readonly ReceivedMessage[],
  result: InvocationResult,
  reportsItemFailures: boolean,
): readonly ReceivedMessage[] {
  if (result.kind !== 'ok') return [];
  if (!reportsItemFailures) return messages;
  const failures = readItemFailures(result.payload);
  if (failures === undefined) return [];

  const failed = new Set(failures);
  const known = new Set(messages.map(({ MessageId }) => MessageId));
  if (failures.some((id) => !known.has(id))) return [];
  return messages.filter(({ MessageId }) => !failed.has(MessageId));
}
