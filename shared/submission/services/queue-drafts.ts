import type { JobQueue, UnqueuedJob } from '../../base/job-queue.ts';
import { delaySecondsUntil, isWithinDelay } from '../../base/queue-delay.ts';
import type { FetchJob, SendJob } from '../../messages/contract/queue-body.ts';
import type { QueuedJob } from '../../messages/contract/queues.ts';
import { dueAtEpochMsOf } from '../../messages/retry-schedule.ts';
import type { Draft } from '../contract/draft.ts';
import type { AcceptDeps } from './accept-deps.ts';

type Deps = Pick<AcceptDeps, 'messages' | 'sendQueue' | 'fetchQueue' | 'dueRows' | 'clock' | 'log'>;

/**
 * Queues mail. Stored is accepted: what cannot be queued now is queued by sweep.
 * @returns those that sweep cannot queue either, because their content is nowhere
 */
export async function queueDrafts(drafts: readonly Draft[], deps: Deps): Promise<readonly Draft[]> {
  const nowEpochMs = deps.clock.nowEpochMs();
  const isSoon = ({ message }: Draft) => isWithinDelay(dueAtEpochMsOf(message), nowEpochMs);
  const soon = drafts.filter(isSoon);
  const delayOf = (job: SendJob) =>
    job.scheduledAtEpochMs === undefined ? undefined : delaySecondsUntil(job.scheduledAtEpochMs, nowEpochMs);
  const unqueued = [
    ...(await enqueue(soon, deps.sendQueue, sendJobOf, delayOf)),
    // Files are fetched ahead of the time; the job waits with them for what is left of it.
    ...(await enqueue(soon, deps.fetchQueue, fetchJobOf, () => undefined)),
    ...(await putDueRows(
      drafts.filter((draft) => !isSoon(draft)),
      deps,
    )),
  ];
  const isKept = await Promise.all(unqueued.map((each) => leaveToSweep(each, deps)));
  return unqueued.flatMap(({ draft }, index) => (isKept[index] ? [] : [draft]));
}

/** Not known to be queued, and why. */
interface Unqueued {
  readonly draft: Draft;
  readonly error: unknown;
}

const sendJobOf = (work: QueuedJob): SendJob | undefined => (work.queue === 'send' ? work.job : undefined);
const fetchJobOf = (work: QueuedJob): FetchJob | undefined => (work.queue === 'fetch' ? work.job : undefined);

/** Queues jobs: a single one alone, which is cheaper, several together. */
async function enqueue<Job extends object>(
  drafts: readonly Draft[],
  queue: JobQueue<Job>,
  jobOf: (work: QueuedJob) => Job | undefined,
  delayOf: (job: Job) => number | undefined,
): Promise<readonly Unqueued[]> {
  const byJob = new Map<Job, Draft>();
  for (const draft of drafts) {
    const job = jobOf(draft.work);
    if (job !== undefined) byJob.set(job, draft);
  }
  const jobs = [...byJob.keys()];
  const [only] = jobs;
  if (only === undefined) return [];
  const unqueued =
    jobs.length === 1
      ? await enqueueOne(only, queue, delayOf(only))
      : await queue.enqueueAll(jobs, (job) => delayOf(job) ?? 0);
  return unqueued.flatMap(({ job, error }) => {
    const draft = byJob.get(job);
    return draft === undefined ? [] : [{ draft, error }];
  });
}

async function enqueueOne<Job>(
  job: Job,
  queue: JobQueue<Job>,
  delaySeconds: number | undefined,
): Promise<readonly UnqueuedJob<Job>[]> {
  try {
    await queue.enqueue(job, delaySeconds);
    return [];
  } catch (error) {
    return [{ job, error }];
  }
}

/** After the commit, as with a queue: what has a due row will be sent, and its batch is not asked for again. */
async function putDueRows(drafts: readonly Draft[], { dueRows }: Deps): Promise<readonly Unqueued[]> {
  if (drafts.length === 0) return [];
  try {
    await dueRows.put(drafts.map(({ message, work }) => ({ dueEpochMs: dueAtEpochMsOf(message), work })));
    return [];
  } catch (error) {
    return drafts.map((draft) => ({ draft, error }));
  }
}

/** Keeps content that was nowhere but in the queue for the transit, so that sweep has something to queue. */
async function leaveToSweep({ draft, error }: Unqueued, { messages, log }: Deps): Promise<boolean> {
  const { messageId } = draft.message;
  log.warn('left_to_sweep', { messageId, error });
  if (draft.placement.store !== 'nowhere') return true;
  try {
    await messages.putContent(messageId, draft.content, draft.contentExpiresAtEpochSeconds);
    return true;
  } catch (notKept) {
    log.error('content_not_kept', { messageId, error: notKept });
    return false;
  }
}
