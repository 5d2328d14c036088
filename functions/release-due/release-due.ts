import { defined } from '../../shared/base/defined.ts';
import type { JobQueue } from '../../shared/base/job-queue.ts';
import type { Clock, Log } from '../../shared/base/ports.ts';
import { delaySecondsUntil, outageWaitSeconds } from '../../shared/base/queue-delay.ts';
import type { FetchJob, SendJob } from '../../shared/messages/contract/queue-body.ts';
import type { FetchQueue, SendQueue } from '../../shared/messages/contract/queues.ts';
import type { DueRow, DueRows } from '../../shared/scheduling/contract/due-rows.ts';
import type { ReleaseJob, ReleaseQueue } from '../../shared/scheduling/contract/release-job.ts';
import type { WebhookJob } from '../../shared/webhooks/contract/webhook-job.ts';

interface ReleaseDueDeps {
  readonly dueRows: Pick<DueRows, 'page'>;
  readonly sendQueue: Pick<SendQueue, 'enqueueAll'>;
  readonly fetchQueue: Pick<FetchQueue, 'enqueueAll'>;
  readonly webhookQueue: Pick<JobQueue<WebhookJob>, 'enqueueAll'>;
  readonly releaseQueue: Pick<ReleaseQueue, 'enqueue'>;
  /**
   * Tells whether an error means that a store cannot be used at the moment, so that waiting is all that
   * helps.
   */
  readonly isOutage: (error: unknown) => boolean;
  readonly clock: Clock;
  readonly log: Pick<Log, 'error' | 'count'>;
}

/**
 * Error that a queue did not take some of the jobs, tried again and again; the rest of the shard waits with
 * them.
 */
class DueRowsNotQueuedError extends Error {
  override readonly name = 'DueRowsNotQueuedError';
  readonly permanent = false;
}

/** Time for a page of 1 MB, some 2,500 rows, which takes a few seconds. */
const PAGE_MS = 20_000;
const TRIES = 3;

/**
 * Puts the due rows of one minute and shard into the queues they wait for, each to arrive at its time. Rows stay where
 * they are: a second run queues the same jobs again, and each is claimed once.
 */
export function createReleaseDue(deps: ReleaseDueDeps) {
  return async (job: ReleaseJob, { remainingMs }: { readonly remainingMs: () => number }): Promise<void> => {
    let after = job.after;
    try {
      for (let hasMore = true; hasMore; ) {
        if (remainingMs() < PAGE_MS) return await goOn(job, after, deps);
        const page = await deps.dueRows.page(job.minute, job.shard, after);
        if (page.unreadable > 0) deps.log.error('due_rows_unreadable', { rows: page.unreadable });
        await release(page.rows, deps);
        after = page.lastItem;
        hasMore = after !== undefined;
      }
    } catch (error) {
      if (!deps.isOutage(error)) throw error;
      deps.log.error('release_requeued', { shard: job.shard, waits: job.waits, error });
      await deps.releaseQueue.enqueue(copyOf(job, after, job.waits + 1), outageWaitSeconds(job.waits));
    }
  };
}

const goOn = (job: ReleaseJob, after: string | undefined, { releaseQueue }: ReleaseDueDeps) =>
  releaseQueue.enqueue(copyOf(job, after, job.waits));

const copyOf = (job: ReleaseJob, after: string | undefined, waits: number): ReleaseJob => ({
  ...job,
  ...defined({ after }),
  waits,
});

async function release(rows: readonly DueRow[], deps: ReleaseDueDeps): Promise<void> {
  const nowEpochMs = deps.clock.nowEpochMs();
  const dueOf = new Map<object, number>(rows.map(({ dueEpochMs, work }) => [work.job, dueEpochMs]));
  const sends = rows.flatMap(({ work }): SendJob[] => (work.queue === 'send' ? [work.job] : []));
  const fetches = rows.flatMap(({ work }): FetchJob[] => (work.queue === 'fetch' ? [work.job] : []));
  const webhooks = rows.flatMap(({ work }): WebhookJob[] => (work.queue === 'webhook' ? [work.job] : []));
  const delayOf = (job: object) => delaySecondsUntil(dueOf.get(job) ?? 0, nowEpochMs);

  await enqueueAll(sends, deps.sendQueue, delayOf);
  // Files are fetched ahead of the time; the job waits with them for what is left of it.
  await enqueueAll(fetches, deps.fetchQueue, () => 0);
  await enqueueAll(webhooks, deps.webhookQueue, delayOf);
  deps.log.count('DueRowsReleased', rows.length);
}

/**
 * Queues jobs. A queue that is busy takes them a moment later; all of them again, after the visibility
 * time-out, would be late.
 */
async function enqueueAll<Job>(
  jobs: readonly Job[],
  queue: Pick<JobQueue<Job>, 'enqueueAll'>,
  delayOf: (job: Job) => number,
): Promise<void> {
  let left = jobs;
  let cause: unknown;
  for (let tries = 0; left.length > 0 && tries < TRIES; tries += 1) {
    const unqueued = await queue.enqueueAll(left, delayOf);
    left = unqueued.map(({ job }) => job);
    cause = unqueued[0]?.error;
  }
  if (left.length > 0) throw new DueRowsNotQueuedError(`${left.length} due rows were not queued.`, { cause });
}
