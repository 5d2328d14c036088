import type { FetchJob } from '../../shared/contract/queue-body.ts';
import type { JobQueue } from '../../shared/contract/queues.ts';
import type { AcceptDeps } from './accept-message.ts';
import type { Draft } from './build-draft.ts';

type Deps = Pick<AcceptDeps, 'messages' | 'sendQueue' | 'fetchQueue' | 'log'>;

/** Stored is accepted: what cannot be queued now is queued by sweep, and never fails the request. */
export async function queueDrafts(drafts: readonly Draft[], deps: Deps): Promise<void> {
  const ready = drafts.filter((draft) => draft.fetchJob === undefined);
  const waiting = drafts.filter(hasFetchJob);
  const unqueued = [
    ...(await enqueue(ready, deps.sendQueue, ({ job }) => job)),
    ...(await enqueue(waiting, deps.fetchQueue, ({ fetchJob }) => fetchJob)),
  ];
  await Promise.all(unqueued.map((draft) => leaveToSweep(draft, deps)));
}

const hasFetchJob = (draft: Draft): draft is Draft & { readonly fetchJob: FetchJob } =>
  draft.fetchJob !== undefined;

/** One job is cheaper to send alone; more go together. */
async function enqueue<D extends Draft, Job extends object>(
  drafts: readonly D[],
  queue: JobQueue<Job>,
  jobOf: (draft: D) => Job,
): Promise<readonly Draft[]> {
  const byJob = new Map(drafts.map((draft) => [jobOf(draft), draft]));
  const jobs = [...byJob.keys()];
  const [only] = jobs;
  if (only === undefined) return [];
  const unqueued = jobs.length === 1 ? await enqueueOne(only, queue) : await queue.enqueueAll(jobs);
  return unqueued.flatMap((job) => byJob.get(job) ?? []);
}

async function enqueueOne<Job>(job: Job, queue: JobQueue<Job>): Promise<readonly Job[]> {
  try {
    await queue.enqueue(job);
    return [];
  } catch {
    return [job];
  }
}

/** Content that was nowhere but in the queue is kept for the transit, so that sweep has something to queue. */
async function leaveToSweep(draft: Draft, { messages, log }: Deps): Promise<void> {
  const { messageId } = draft.message;
  log.warn('left_to_sweep', { messageId });
  if (draft.placement.store !== 'nowhere') return;
  try {
    await messages.putContent(messageId, draft.content, draft.contentExpiresAtEpochSeconds);
  } catch (error) {
    log.error('content_not_kept', { messageId, error });
  }
}
