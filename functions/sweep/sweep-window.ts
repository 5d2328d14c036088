import type { FetchJob, SendJob } from '../../shared/contract/queue-body.ts';
import type { FetchQueue, SendQueue } from '../../shared/contract/queues.ts';
import { createdAtEpochMsOf } from '../../shared/domain/message-bucket.ts';
import type { Messages } from '../../shared/domain/ports.ts';
import type { SweepEntry } from './decide-sweep.ts';
import type { FoundJob } from './find-job.ts';
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

/** So far may one message hold back those after it; later checks look at it again. */
const PATIENCE_MS = 15 * 60_000;

interface Failure {
  readonly entry: SweepEntry;
  readonly error: unknown;
}

/**
 * Goes through a window, oldest message first, until its end, the end of the time, or a message that cannot be handled.
 * @returns up to when every message has been handled
 */
export async function sweepWindow(
  window: Window,
  hasTime: () => boolean,
  deps: SweepWindowDeps,
): Promise<number> {
  for await (const chunk of inChunks(deps.messages.queryWindow(window.tenant, window))) {
    const failures = await handleChunk(chunk, deps);
    for (const { entry, error } of failures) {
      const heldBackAt = createdAtEpochMsOf(entry.message.messageId);
      deps.log.error('message_not_swept', { messageId: entry.message.messageId, error });
      if (window.toEpochMs - heldBackAt < PATIENCE_MS) return heldBackAt;
    }
    const last = chunk.at(-1);
    if (last !== undefined && !hasTime()) return createdAtEpochMsOf(last.message.messageId);
  }
  return window.toEpochMs;
}

/** Every message of the chunk is tried, whatever becomes of the others; failures come back in order. */
async function handleChunk(chunk: readonly SweepEntry[], deps: SweepWindowDeps): Promise<readonly Failure[]> {
  const outcomes = await Promise.allSettled(chunk.map((entry) => settleEntry(entry, deps)));
  const jobs = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? (outcome.value ?? []) : []));
  const unqueued = await enqueue(jobs, deps);
  if (jobs.length > 0) deps.log.count('MessagesRequeued', jobs.length - unqueued.size);
  return chunk.flatMap((entry, index) => {
    const outcome = outcomes[index];
    if (outcome?.status === 'rejected') return [{ entry, error: outcome.reason }];
    const isUnqueued = unqueued.has(entry.message.messageId);
    return isUnqueued ? [{ entry, error: new Error('The queue did not take it.') }] : [];
  });
}

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
