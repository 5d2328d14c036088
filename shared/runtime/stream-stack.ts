import middy from '@middy/core';
import type { Context, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { failureLog } from './failure-log.ts';
import type { Logger } from './logger.ts';
import type { SqsStackOptions } from './sqs-stack.ts';

interface StreamStackOptions<Change> {
  /** Turns a record into a change; throws where it is none. */
  readonly parse: (record: DynamoDBRecord) => Change;
  /** Settles a whole batch: if it throws, all of it comes again, in order, for up to 24 hours. */
  readonly process: (changes: readonly Change[]) => Promise<void>;
  /** Answers an operator that invokes the function by hand, with an event that is none of a stream. */
  readonly command: (event: unknown, remainingMs: () => number) => Promise<object>;
  /** Keeps the reason of a record that will never be a change. */
  readonly recordFailure: SqsStackOptions<Change>['recordFailure'];
  readonly clock: { nowEpochMs(): number };
  readonly logger: Logger;
}

/**
 * A handler of a DynamoDB stream. A record that cannot be read is kept with its reason and passed over: it would hold up
 * its shard until the stream forgets what is behind it.
 */
export function streamStack<Change>(options: StreamStackOptions<Change>) {
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse | object>()
    .use(failureLog(options.logger, 'stream_batch_failed'))
    .handler(async (event: DynamoDBStreamEvent, context: Context) => {
      if (!Array.isArray(event.Records)) {
        return options.command(event, () => context.getRemainingTimeInMillis());
      }
      const changes: Change[] = [];
      for (const record of event.Records) changes.push(...(await read(record, options)));
      await options.process(changes);
      return { batchItemFailures: [] };
    });
}

async function read<Change>(
  record: DynamoDBRecord,
  { parse, recordFailure, clock, logger }: StreamStackOptions<Change>,
): Promise<readonly Change[]> {
  try {
    return [parse(record)];
  } catch (error) {
    const eventId = record.eventID ?? 'unknown';
    logger.error('stream_record_unreadable', { eventId, error });
    logger.count('StreamRecordsUnreadable', 1);
    await recordFailure({
      recordId: eventId,
      queue: 'stream',
      reason: error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 1000) : 'unknown error',
      receiveCount: 1,
      failedAtEpochMs: clock.nowEpochMs(),
    });
    return [];
  }
}
