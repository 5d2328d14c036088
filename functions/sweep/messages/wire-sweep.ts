import { createS3Client } from '../../../shared/base/adapters/s3-client.ts';
import { createJobQueue } from '../../../shared/base/adapters/sqs-job-queue.ts';
import { createContentBucket } from '../../../shared/messages/adapters/content-bucket.ts';
import { createMessagesTable } from '../../../shared/messages/adapters/messages-table.ts';
import { createFetchQueue, createSendQueues } from '../../../shared/messages/adapters/send-queues.ts';
import { createSweepCursors } from '../../../shared/messages/adapters/sweep-cursors-table.ts';
import { createDueMinutes } from '../../../shared/scheduling/adapters/due-minutes.ts';
import { createDueRowReader } from '../../../shared/scheduling/adapters/due-rows-reader.ts';
import { createDueRows } from '../../../shared/scheduling/adapters/due-rows-table.ts';
import { createTenantNames } from '../tenants/refresh-tenants.ts';
import type { CommonDeps } from '../wire-common.ts';
import { createSweep } from './sweep.ts';

export function wireSweep({ environment, client, sqs, clock, log, tenants }: CommonDeps) {
  const { messagesTableName: tableName, catalogTableName, streams } = environment;
  const dueMinutes = createDueMinutes(client, catalogTableName);
  return createSweep({
    dueMinutes,
    dueRows: {
      ...createDueRows({ client, tableName, minutes: dueMinutes }),
      ...createDueRowReader({ client, tableName }),
    },
    releaseQueue: createJobQueue(sqs, environment.releaseQueueUrl),
    messages: createMessagesTable({ client, tableName, catalogTableName }),
    objects: createContentBucket(createS3Client(), environment.contentBucketName),
    sendQueue: createSendQueues(sqs, streams),
    fetchQueue: createFetchQueue(sqs, environment.attachmentQueueUrl, streams),
    cursors: createSweepCursors(client, catalogTableName),
    tenants: createTenantNames({ streams, tenants }),
    clock,
    log,
  });
}
