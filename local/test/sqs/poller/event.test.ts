import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { InvocationResult } from '../../../src/lambda/invocation.ts';
import type { ReceivedMessage } from '../../../src/sqs/client.ts';
import { findSucceeded, toSqsEvent } from '../../../src/sqs/poller/event.ts';
import { okResult } from '../../support/hosted-world.ts';

const aMessage = (MessageId: string): ReceivedMessage => ({
  MessageId,
  ReceiptHandle: `handle-${MessageId}`,
  Body: '{}',
  MD5OfBody: '99914b932bd37a50b983c5e7c90ae93b',
  Attributes: { ApproximateReceiveCount: '1', SentTimestamp: '1', MessageGroupId: 'tenant' },
  MessageAttributes: { kind: { StringValue: 'send', DataType: 'String' } },
});
const messages = [aMessage('a'), aMessage('b')];
const failures = (...ids: unknown[]) =>
  okResult({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });
const succeeded = (result: InvocationResult, reports = true) =>
  findSucceeded(messages, result, reports).map(({ MessageId }) => MessageId);

describe('what Lambda deletes after a batch', () => {
  for (const [title, result, expected] of [
    ['deletes all records for an empty list', failures(), ['a', 'b']],
    ['deletes all records for no list', okResult({}), ['a', 'b']],
    ['deletes all records for null', okResult(null), ['a', 'b']],
    ['deletes all records for a list that is null', okResult({ batchItemFailures: null }), ['a', 'b']],
    ['deletes the other records for a failure', failures('a'), ['b']],
    ['deletes no record for an unknown identifier', failures('c'), []],
    ['deletes no record for an empty identifier', failures(''), []],
    ['deletes no record for a null identifier', failures(null), []],
    ['deletes no record for a list that is none', okResult({ batchItemFailures: 'a' }), []],
    ['deletes no record for an error', { kind: 'error', errorType: 'E', message: '', durationMs: 1 }, []],
    ['deletes no record for a time-out', { kind: 'timeout', durationMs: 1 }, []],
    ['deletes no record for a crash', { kind: 'crashed', durationMs: 1 }, []],
  ] as const)
    test(title, () => assert.deepEqual(succeeded(result), expected));

  test('deletes all records where the mapping does not report item failures', () => {
    assert.deepEqual(succeeded(failures('a'), false), ['a', 'b']);
  });
});

test('a record has the shape that Lambda gives it', () => {
  const queueArn = 'arn:aws:sqs:us-east-1:000000000000:send';
  assert.deepEqual(toSqsEvent([aMessage('a')], { queueArn, region: 'us-east-1' }).Records[0], {
    messageId: 'a',
    receiptHandle: 'handle-a',
    body: '{}',
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: '1', MessageGroupId: 'tenant' },
    messageAttributes: {
      kind: { stringValue: 'send', stringListValues: [], binaryListValues: [], dataType: 'String' },
    },
    md5OfBody: '99914b932bd37a50b983c5e7c90ae93b',
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: 'us-east-1',
  });
});
