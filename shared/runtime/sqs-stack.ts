import middy from '@middy/core';
import sqsPartialBatchFailure from '@middy/sqs-partial-batch-failure';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { defined } from '../base/defined.ts';
import type { FailureRecord } from '../base/ports.ts';
import { MAX_RECEIVE_COUNT } from '../resources.ts';
import type { Logger } from './logger.ts';

/** Facts that the transport knows about a record, for use cases that care. */
interface RecordInfo {
  readonly sqsMessageId: string;
  /** Number of deliveries so far: 1 on the first. */
  readonly receiveCount: number;
  readonly sentAtEpochMs: number;
  /** Milliseconds until the function's time-out. */
  readonly remainingMs: () => number;
}

export interface SqsStackOptions<Job> {
  /** Queue name in failure records, for example `send`. */
  readonly queue: string;
  /** Turns text into what `parse` takes; JSON unless said otherwise. */
  readonly decode?: (body: string) => unknown;
  /** Turns parsed JSON into a job; throws where it is none. */
  readonly parse: (value: unknown) => Job;
  /** Settles one record: returning deletes it, throwing leaves it to the queue's retry. */
  readonly process: (job: Job, info: RecordInfo) => Promise<void>;
  /** Names the message that a job is about, for its failure record. */
  readonly messageIdOf?: (job: Job) => string;
  /** Keeps the reason of a record that will never succeed, before it moves to the dead-letter queue. */
  readonly recordFailure: (failure: FailureRecord) => Promise<void>;
  /** Work to do once all records are settled; what fails there fails none of them, nor each other. */
  readonly afterBatch?: readonly (() => Promise<unknown>)[];
  readonly clock: { nowEpochMs(): number };
  readonly logger: Logger;
}

/** Error of a record that is not a job; it fails until the queue moves it to its dead-letter queue. */
class UnreadableRecordError extends Error {
  override readonly name = 'UnreadableRecordError';
  readonly permanent = true;
}

/** An SQS handler with partial batch responses: every record of a batch succeeds or fails by itself. */
export function sqsStack<Job>(options: SqsStackOptions<Job>) {
  const onRecordFailed = (error: unknown, record: SQSRecord) =>
    options.logger.error('record_failed', {
      sqsMessageId: record.messageId,
      receiveCount: receiveCountOf(record),
      queue: options.queue,
      error,
    });

  // The partial-batch middleware turns the settled results, in record order, into `batchItemFailures`.
  return middy<SQSEvent, SQSBatchResponse>()
    .use(sqsPartialBatchFailure({ logger: onRecordFailed }))
    .handler((async (event: SQSEvent, context: Context) => {
      const settled = await Promise.allSettled(
        event.Records.map((record) => settle(record, context, options)),
      );
      await closeBatch(options);
      return settled;
    }) as never);
}

/** Brings all of them to their end: what is under way when a handler answers is frozen with it. */
async function closeBatch<Job>({ afterBatch = [], logger, queue }: SqsStackOptions<Job>): Promise<void> {
  const results = await Promise.allSettled(afterBatch.map((step) => step()));
  for (const result of results) {
    if (result.status === 'rejected') logger.error('batch_not_closed', { queue, error: result.reason });
  }
}

async function settle<Job>(
  record: SQSRecord,
  context: Context,
  options: SqsStackOptions<Job>,
): Promise<void> {
  const info = infoOf(record, context);
  let messageId: string | undefined;
  try {
    const job = parseBody(record.body, options);
    messageId = options.messageIdOf?.(job);
    await options.process(job, info);
  } catch (error) {
    const isLost = error instanceof UnreadableRecordError || info.receiveCount >= MAX_RECEIVE_COUNT;
    if (isLost) await recordFailure(error, { ...info, messageId }, options);
    throw error;
  }
}

function parseBody<Job>(body: string, { decode = JSON.parse, parse }: SqsStackOptions<Job>): Job {
  try {
    return parse(decode(body));
  } catch (cause) {
    throw new UnreadableRecordError('The record is not a job of a known version.', { cause });
  }
}

/** Records a failure. A store that cannot take the reason must not hide the failure itself. */
async function recordFailure<Job>(
  error: unknown,
  { sqsMessageId, receiveCount, messageId }: RecordInfo & { readonly messageId: string | undefined },
  options: SqsStackOptions<Job>,
): Promise<void> {
  const failedAtEpochMs = options.clock.nowEpochMs();
  try {
    await options.recordFailure({
      recordId: sqsMessageId,
      ...defined({ messageId }),
      queue: options.queue,
      reason: reasonOf(error),
      receiveCount,
      failedAtEpochMs,
    });
  } catch (storeError) {
    options.logger.error('failure_not_recorded', { sqsMessageId, error: storeError });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const cause = error.cause instanceof Error ? `; ${error.cause.name}: ${error.cause.message}` : '';
  return `${error.name}: ${error.message}${cause}`.slice(0, 1000);
}

function infoOf(record: SQSRecord, context: Context): RecordInfo {
  return {
    sqsMessageId: record.messageId,
    receiveCount: receiveCountOf(record),
    sentAtEpochMs: Number(record.attributes.SentTimestamp),
    remainingMs: () => context.getRemainingTimeInMillis(),
  };
}

function receiveCountOf(record: SQSRecord): number {
  return Number(record.attributes.ApproximateReceiveCount);
}
