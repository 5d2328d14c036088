import { Duration } from 'aws-cdk-lib';
import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { CfnEventSourceMapping, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { CATALOG_COLLECTIONS } from '../../../shared/resources.ts';
import { countedBy, createAlarm } from '../base/alarm.ts';
import type { MessageStore } from '../messages/message-store.ts';
import { streamArnOf } from '../messages/store-grants.ts';

interface OutboxProps {
  readonly publishEvents: LambdaFunction;
  readonly store: MessageStore;
}

/** Blocks of the log are made of what one invocation gets. */
const BATCH_SIZE = 1_000;
/** A day of failing is what a stream can hold: the operator who is told now has all of it to act in. */
const LATE_AFTER = Duration.minutes(5);
const IMPACT = 'webhooks, the event log and metrics are late; after 24 hours of it events are lost to them.';

/**
 * Lambda's filters for changes that subscribers are told of: claims, content, due rows and idempotency
 * records are not.
 */
const MESSAGES_FILTERS = [
  { NewImage: { kind: { S: [{ exists: true }] } } },
  { NewImage: { status: { S: ['scheduled', 'sent', 'suppressed', 'failed'] } } },
  { NewImage: { scheduled: { M: { tenant: { S: [{ exists: true }] } } } } },
].map((dynamodb) => ({ dynamodb }));
const SUPPRESSIONS_FILTERS = [{ dynamodb: { Keys: { item: { S: ['entry'] } } } }];
const CATALOG_FILTERS = [{ dynamodb: { Keys: { collection: { S: [CATALOG_COLLECTIONS.domains] } } } }];

/**
 * Brings stored facts to `publish-events`: the streams of the tables, filtered. A batch that fails comes
 * again until the stream forgets it, and nothing behind it is passed on before.
 */
export class Outbox extends Construct {
  constructor(scope: Construct, id: string, { publishEvents, store }: OutboxProps) {
    super(scope, id);
    this.feed('Messages', publishEvents, store.messages, MESSAGES_FILTERS);
    this.feed('Suppressions', publishEvents, store.suppressions, SUPPRESSIONS_FILTERS);
    this.feed('Catalog', publishEvents, store.catalog, CATALOG_FILTERS);
    this.createLateAlarm(publishEvents);
    this.createUnreadableAlarm();
  }

  private feed(id: string, lambda: LambdaFunction, table: Table, filters: readonly object[]): void {
    new CfnEventSourceMapping(this, id, {
      functionName: lambda.functionName,
      eventSourceArn: streamArnOf(table),
      startingPosition: 'TRIM_HORIZON',
      batchSize: BATCH_SIZE,
      // Lambda asks a shard four times a second: what has come by then is a batch.
      maximumBatchingWindowInSeconds: 0,
      // What takes a minute as a whole, such as events for fifty webhooks each, does not in halves.
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: -1,
      maximumRecordAgeInSeconds: -1,
      functionResponseTypes: ['ReportBatchItemFailures'],
      filterCriteria: { filters: filters.map((pattern) => ({ pattern: JSON.stringify(pattern) })) },
    });
  }

  private createLateAlarm(lambda: LambdaFunction): void {
    const metric = lambda.metric('IteratorAge', { period: Duration.minutes(1), statistic: 'Maximum' });
    createAlarm(this, 'LateAlarm', metric, {
      what: `Events are published more than ${LATE_AFTER.toHumanString()} after they were stored.`,
      impact: IMPACT,
      runbook: 'outbox-late',
      threshold: LATE_AFTER.toMilliseconds(),
      evaluationPeriods: 3,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  private createUnreadableAlarm(): void {
    createAlarm(this, 'UnreadableAlarm', countedBy('publish-events', 'StreamRecordsUnreadable'), {
      what: 'A stored item could not be read, and no subscriber was told of it.',
      impact: 'subscribers miss an event.',
      runbook: 'outbox-unreadable',
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
