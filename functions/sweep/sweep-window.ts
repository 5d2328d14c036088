import type { FetchJob, SendJob } from '../../shared/contract/queue-body.ts';
import type { FetchQueue, SendQueue } from '../../shared/contract/queues.ts';
import { createdAtEpochMsOf } from '../../shared/domain/message-bucket.ts';
import type { Messages } from '../../shared/domain/ports.ts';
import type { SweepEntry } from './decide-sweep.ts';
import type { FoundJob } from './find-job.ts';
import type { HeldBack } from './held-back.ts';
import { type SettleEntryDeps, settleEntry } from './settle-entry.ts';

export interface SweepWindowDeps extends SettleEntryDeps {
  readonly messages: SettleEntryDeps['messages'] & Pick<Messages, 'queryWindow'>;
  readonly sendQueue: Pick<SendQueue, 'enqueueAll'>;
  readonly fetchQueue: Pick<FetchQueue, 'enqueueAll'>;
}

export interface Window {
  readonly tenant: string;
  readonly fromEpochMs: number;
  readonly toEpochMs: number;
}

/** As many messages are worked on at once, and queued together. */
const CHUNK = 25;

/** In an outage there is no use in trying all of them every minute. */
const ENOUGH_FAILED = 100;

interface Outcome {
  readonly queued: number;
  readonly failed: readonly SweepEntry[];
}

/**
 * Goes through a window, oldest message first, until its end or the end of the time. What fails is logged and stops
 * nothing else, but the cursor stays before it.
 * @returns up to when every message has been handled
 */
export async function sweepWindow(
  window: Window,
  { hasTime, heldBack }: { readonly hasTime: () => boolean; readonly heldBack: HeldBack },
  deps: SweepWindowDeps,
): Promise<number> {
  const failed: SweepEntry[] = [];
  let queued = 0;
  let reachedEpochMs = window.toEpochMs;
  for await (const chunk of inChunks(deps.messages.queryWindow(window.tenant, window))) {
    const outcome = await handleChunk(chunk, deps);
    failed.push(...outcome.failed);
    queued += outcome.queued;
    if (hasTime() && failed.length < ENOUGH_FAILED) continue;
    reachedEpochMs = chunk.reduce((latest, entry) => Math.max(latest, acceptedAt(entry)), 0);
    break;
  }
  if (queued > 0) deps.log.count('MessagesRequeued', queued);
  const holding = heldBack.holding(failed, { othersSucceed: queued > 0, toEpochMs: window.toEpochMs });
  return holding[0] === undefined ? reachedEpochMs : Math.min(reachedEpochMs, acceptedAt(holding[0]));
}

async function handleChunk(chunk: readonly SweepEntry[], deps: SweepWindowDeps): Promise<Outcome> {
  const outcomes = await Promise.allSettled(chunk.map((entry) => settleEntry(entry, deps)));
  const jobs = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? (outcome.value ?? []) : []));
  const unqueued = await enqueue(jobs, deps);
  const failed = chunk.filter((entry, index) => {
    const outcome = outcomes[index];
    const { messageId } = entry.message;
    if (outcome?.status !== 'rejected' && !unqueued.has(messageId)) return false;
    const error = outcome?.status === 'rejected' ? outcome.reason : undefined;
    deps.log.error('message_not_swept', { messageId, error });
    return true;
  });
  return { queued: jobs.length - unqueued.size, failed };
}

const acceptedAt = ({ message }: SweepEntry): number => createdAtEpochMsOf(message.messageId);

/** @returns the ids of the messages that are not known to be queued */
async function enqueue(
  jobs: readonly FoundJob[],
  { sendQueue, fetchQueue }: SweepWindowDeps,
): Promise<ReadonlySet<string>> {
  const sends: readonly SendJob[] = jobs.flatMap((found) => (found.queue === 'send' ? [found.job] : []));
  const fetches: readonly FetchJob[] = jobs.flatMap((found) => (found.queue === 'fetch' ? [found.job] : []));
  const unsent = sends.length === 0 ? [] : await sendQueue.enqueueAll(sends);
  const unfetched = fetches.length === 0 ? [] : await fetchQueue.enqueueAll(fetches);
  return new Set([...unsent, ...unfetched.map(({ job }) => job)].map(({ messageId }) => messageId));
}

async function* inChunks(entries: AsyncIterable<SweepEntry>): AsyncGenerator<readonly SweepEntry[]> {
  let chunk: SweepEntry[] = [];
  for await (const entry of entries) {
    chunk.push(entry);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
