import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FailureRecord } from '../../../shared/base/ports.ts';
import { decodeEventBody } from '../../../shared/feedback/contract/ses-notification.ts';
import { parseEventJob } from '../../../shared/feedback/contract/waiting-event.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { sqsStack } from '../../../shared/runtime/sqs-stack.ts';
import { aContext, anSqsEvent } from '../../support/aws/lambda-events.ts';
import { changed, onBus, readSesFixture } from '../../support/feedback/ses-fixtures.ts';

describe('records of the event queue', () => {
  const failures: FailureRecord[] = [];
  const handler = sqsStack({
    queue: 'events',
    decode: decodeEventBody,
    parse: parseEventJob,
    process: async () => {},
    recordFailure: async (failure) => void failures.push(failure),
    clock: { nowEpochMs: () => 0 },
    logger: createLogger('record-event', () => {}),
  });
  const failedOf = async (...bodies: readonly string[]) => {
    const { batchItemFailures } = await handler(anSqsEvent(...bodies.map((body) => ({ body }))), aContext());
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };

  test('the sentence with which SES greets a new topic is dropped', async () => {
    assert.deepEqual(await failedOf('Successfully validated SNS topic for Amazon SES event publishing.'), []);
  });

  test('a record of an event that has lost its shape fails alone, and leaves its reason', async () => {
    const good = JSON.stringify(onBus(readSesFixture('delivery')));
    const bad = JSON.stringify(onBus(changed(readSesFixture('delivery'), { 'delivery.recipients': 7 })));
    assert.deepEqual(await failedOf(good, bad, good), ['record-1']);
    assert.deepEqual(
      failures.map(({ recordId, queue }) => [recordId, queue]),
      [['record-1', 'events']],
    );
  });
});
