import { delaySecondsUntil } from '../../../shared/base/queue-delay.ts';
import type { FetchJob, SendJob } from '../../../shared/messages/contract/queue-body.ts';
import type { FetchQueue, QueuedJob, SendQueue } from '../../../shared/messages/contract/queues.ts';
import { dueAtEpochMsOf } from '../../../shared/messages/retry-schedule.ts';
import { type ApplyDecisionDeps, applyDecision } from './apply-decision.ts';
import type { FailingMessages } from './failing-messages.ts';
import type { Candidate, SweepSource } from './sweep-sources.ts';

export interface SweepWindowDeps extends ApplyDecisionDeps {
  readonly sendQueue: Pick<SendQueue, 'enqueueAll'>;
  readonly fetchQueue: Pick<FetchQueue, 'enqueueAll'>;
}

interface Window {
  /** A position of the source. */
  readonly from: number;
  readonly toEpochMs: number;
}

/** Number of messages that are worked on at once, and queued together. */
const CHUNK = 25;

/** Number of failures that end a run: in an outage there is no use in trying all of them every minute. */
const ENOUGH_FAILED = 100;

interface Outcome {
  readonly queued: number;
  readonly failed: readonly Candidate[];
}

/**
 * Goes through a window, oldest message first, until its end or the end of the time. What fails is logged and stops
 * nothing else, but the cursor stays before it.
 * @returns the position up to which every message has been handled
 */
export async function sweepWindow(
  source: SweepSource,
  window: Window,
  { hasTime, failing }: { readonly hasTime: () => boolean; readonly failing: FailingMessages },
  deps: SweepWindowDeps,
): Promise<number> {
  const failed: Candidate[] = [];
  let queued = 0;
  let reached = source.positionAt(window.toEpochMs);
  for await (const chunk of inChunks(source.candidates(window))) {
    const outcome = await handleChunk(chunk, deps);
    failed.push(...outcome.failed);
    queued += outcome.queued;
    if (hasTime() && failed.length < ENOUGH_FAILED) continue;
    reached = chunk.reduce((latest, { position }) => Math.max(latest, position), 0);
    break;
  }
  if (queued > 0) deps.log.count('MessagesRequeued', queued);
  const toRetry = failing.toRetry(failed, { othersSucceed: queued > 0 });
  return toRetry[0] === undefined ? reached : Math.min(reached, toRetry[0].position);
}

async function handleChunk(chunk: readonly Candidate[], deps: SweepWindowDeps): Promise<Outcome> {
  const outcomes = await Promise.allSettled(chunk.map((candidate) => handleCandidate(candidate, deps)));
  const jobs = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? (outcome.value ?? []) : []));
  const unqueued = await enqueue(jobs, deps);
  const failed = chunk.filter(({ messageId }, index) => {
    const outcome = outcomes[index];
    if (outcome?.status !== 'rejected' && !unqueued.has(messageId)) return false;
    const error = outcome?.status === 'rejected' ? outcome.reason : unqueued.get(messageId);
    deps.log.error('message_not_swept', { messageId, error });
    return true;
  });
  return { queued: jobs.length - unqueued.size, failed };
}

async function handleCandidate(candidate: Candidate, deps: SweepWindowDeps): Promise<QueuedJob | undefined> {
  const entry = await candidate.load();
  return entry && applyDecision(entry, deps);
}

/** @returns the ids of the messages that are not known to be queued, and why */
async function enqueue(
  jobs: readonly QueuedJob[],
  { sendQueue, fetchQueue, clock }: SweepWindowDeps,
): Promise<ReadonlyMap<string, unknown>> {
  const sends: readonly SendJob[] = jobs.flatMap((found) => (found.queue === 'send' ? [found.job] : []));
  const fetches: readonly FetchJob[] = jobs.flatMap((found) => (found.queue === 'fetch' ? [found.job] : []));
  const delayOf = (job: SendJob) => delaySecondsUntil(dueAtEpochMsOf(job), clock.nowEpochMs());
  const unsent = sends.length === 0 ? [] : await sendQueue.enqueueAll(sends, delayOf);
  const unfetched = fetches.length === 0 ? [] : await fetchQueue.enqueueAll(fetches);
  return new Map([
    ...unsent.map(({ job, error }) => [job.messageId, error] as const),
    ...unfetched.map(({ job, error }) => [job.job.messageId, error] as const),
  ]);
}

async function* inChunks(candidates: AsyncIterable<Candidate>): AsyncGenerator<readonly Candidate[]> {
  let chunk: Candidate[] = [];
  for await (const candidate of candidates) {
    chunk.push(candidate);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
