/**
 * Event queue, both paths: turns SES events into facts, suppressions and proofs of sending. A record is deleted once all
 * that follows from it is written; delivered again, late or through the other path, it changes nothing.
 */
import { isAwsOutage } from '../../shared/base/adapters/aws-outage.ts';
import { createDynamoDbClient } from '../../shared/base/adapters/dynamodb-client.ts';
import { createSqsClient } from '../../shared/base/adapters/sqs-client.ts';
import { createJobQueue } from '../../shared/base/adapters/sqs-job-queue.ts';
import { decodeEventBody } from '../../shared/feedback/contract/ses-notification.ts';
import { parseEventJob } from '../../shared/feedback/contract/waiting-event.ts';
import { createSingleMessages } from '../../shared/messages/adapters/messages-table.ts';
import { createProviderReports } from '../../shared/pace/adapters/provider-reports-table.ts';
import { createProviderTally } from '../../shared/pace/services/provider-tally.ts';
import { createReputationTable } from '../../shared/reputation/adapters/reputation-table.ts';
import { createReputationCounter } from '../../shared/reputation/services/reputation-counter.ts';
import { systemClock as clock } from '../../shared/runtime/clock.ts';
import { readEnvironment } from '../../shared/runtime/env.ts';
import { createIds } from '../../shared/runtime/ids.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { sqsStack } from '../../shared/runtime/sqs-stack.ts';
import { createStreamStates } from '../../shared/streams/adapters/stream-states-table.ts';
import { createSuppressionsTable } from '../../shared/suppressions/adapters/suppressions-table.ts';
import { createTenantsTable } from '../../shared/tenants/adapters/tenants-table.ts';
import { createOutcomes } from './count-outcomes.ts';
import { createRecordEvent } from './record-event.ts';
import { createFeedback } from './record-feedback.ts';
import { createSentEvidence } from './record-sent.ts';

const environment = readEnvironment([
  'MESSAGES_TABLE_NAME',
  'CATALOG_TABLE_NAME',
  'SUPPRESSIONS_TABLE_NAME',
  'EVENT_QUEUE_URL',
  'STREAMS',
  'MESSAGE_KEEP_DAYS',
]);
const log = createLogger('record-event');
const client = createDynamoDbClient();
const messages = createSingleMessages({ client, tableName: environment.messagesTableName });
const suppressions = createSuppressionsTable({ client, tableName: environment.suppressionsTableName });
const { catalogTableName, streams } = environment;
const sentEvidence = createSentEvidence({ messages, log });
const tenants = createTenantsTable({ client, tableName: catalogTableName, clock });
const outcomes = createOutcomes({
  counter: createReputationCounter(createReputationTable(client, catalogTableName), clock),
  streamStates: createStreamStates({ client, tableName: catalogTableName, clock }),
  providers: createProviderTally(createProviderReports(client, catalogTableName), clock),
  streams,
  tenants,
  clock,
  log,
});
const ids = createIds(clock);

export const handler = sqsStack({
  queue: 'events',
  decode: decodeEventBody,
  parse: parseEventJob,
  process: createRecordEvent({
    messages,
    sentEvidence,
    feedback: createFeedback({ messages, suppressions, streams, sentEvidence, outcomes, ids, clock, log }),
    outcomes,
    tenants,
    queue: createJobQueue(createSqsClient(), environment.eventQueueUrl),
    isOutage: isAwsOutage,
    messageKeepDays: environment.messageKeepDays,
    clock,
    log,
  }),
  afterBatch: outcomes.flush,
  recordFailure: messages.putFailureRecord,
  clock,
  logger: log,
});
