import type { SQSClient } from '@aws-sdk/client-sqs';
import { createJobQueue } from '../../base/adapters/sqs-job-queue.ts';
import type { JobQueue } from '../../base/job-queue.ts';
import type { Streams } from '../../streams/stream.ts';
import type { FetchJob, SendJob } from '../contract/queue-body.ts';
import type { SendQueue } from '../contract/queues.ts';

/** Jobs with files to fetch. */
export const createFetchQueue = (client: SQSClient, queueUrl: string, streams: Streams): JobQueue<FetchJob> =>
  createJobQueue(
    client,
    queueUrl,
    groupedBy(streams, ({ job }) => job.tenant),
  );

/** One tenant's backlog must not delay the others; where there are none, nothing is paid for it. */
const groupedBy = <Job>(
  { tenants }: Streams,
  tenantOf: (job: Job) => string,
): ((job: Job) => string) | undefined => (tenants === undefined ? undefined : tenantOf);

/** The send queues of all streams as one: a job goes to that of its stream. */
export function createSendQueues(client: SQSClient, streams: Streams): SendQueue {
  const queues = new Map(
    streams.all.map(({ queueUrl }) => [
      queueUrl,
      createJobQueue<SendJob>(
        client,
        queueUrl,
        groupedBy(streams, ({ tenant }) => tenant),
      ),
    ]),
  );
  const queueOf = ({ stream }: SendJob) => queues.get(streams.byName(stream).queueUrl) as JobQueue<SendJob>;

  return {
    enqueue: (job, delaySeconds) => queueOf(job).enqueue(job, delaySeconds),
    async enqueueAll(jobs, delaySecondsOf) {
      const byQueue = Map.groupBy(jobs, queueOf);
      const unqueued = await Promise.all(
        [...byQueue].map(([queue, own]) => queue.enqueueAll(own, delaySecondsOf)),
      );
      return unqueued.flat();
    },
  };
}
