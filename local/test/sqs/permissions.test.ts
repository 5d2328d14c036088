import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { neededFor } from '../support/idle-services.ts';

const QueueUrl = 'http://127.0.0.1:9/000000000000/mail';
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:mail';

describe('what IAM asks for a call of SQS', () => {
  for (const [what, actual, expected] of [
    [
      'a batch of messages is one permission to send',
      neededFor('sqs', 'SendMessageBatch', { QueueUrl }),
      [['sqs:SendMessage', QUEUE, {}]],
    ],
    [
      'a batch of deletions is one permission to delete',
      neededFor('sqs', 'DeleteMessageBatch', { QueueUrl }),
      [['sqs:DeleteMessage', QUEUE, {}]],
    ],
  ] as const)
    test(what, () => assert.deepEqual(actual, expected));
});
