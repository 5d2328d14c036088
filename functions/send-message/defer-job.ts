import { MS_PER_DAY } from '../../shared/base/durations.ts';
import type { Clock, Log } from '../../shared/base/ports.ts';
import { MAX_DELAY_SECONDS } from '../../shared/base/queue-delay.ts';
import type { SendJob } from '../../shared/messages/contract/queue-body.ts';
import type { Message } from '../../shared/messages/message.ts';
import type { Messages, Objects } from '../../shared/messages/ports.ts';
import { findContent } from '../../shared/messages/services/find-job.ts';
import type { DueRows } from '../../shared/scheduling/contract/due-rows.ts';
import { decideDeferral, LONGEST_DEFERRAL_MS } from '../../shared/sending/deferral.ts';
import type { Defer, Exit } from './exit.ts';

interface DeferDeps {
  readonly messages: Pick<Messages, 'getMessage' | 'getContent' | 'putContent' | 'defer'>;
  readonly objects: Pick<Objects, 'get'>;
  readonly dueRows: Pick<DueRows, 'put' | 'remove'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'count'>;
}

/** A day longer than anything is deferred. */
const CONTENT_KEPT_MS = LONGEST_DEFERRAL_MS + MS_PER_DAY;

/** Writes the due row that a job comes back by, where its message still waits; answers how the job leaves. */
export function createDeferJob(deps: DeferDeps) {
  return async (job: SendJob, { reason, untilEpochMs }: Defer): Promise<Exit> => {
    const busy: Exit = { kind: 'requeue', reason, delaySeconds: MAX_DELAY_SECONDS };
    const message = await deps.messages.getMessage(job.tenant, job.messageId, { consistent: true });
    if (message === undefined) return busy;
    const decision = decideDeferral(message, job, deps.clock.nowEpochMs());
    switch (decision.kind) {
      case 'drop':
        return { kind: 'done', reason: 'leftover' };
      case 'requeue':
        return busy;
      case 'give-up':
        return { kind: 'failed', reason: `held_too_long: ${reason}`, message };
      case 'defer':
        await writeDueRow(job, message, untilEpochMs, deps);
        return { kind: 'done', reason: 'deferred' };
    }
  };
}

/**
 * Content first, then the due row, then the message: a death in between leaves a row too many, whose job finds that the
 * message is deferred to another time.
 */
async function writeDueRow(job: SendJob, message: Message, untilEpochMs: number, deps: DeferDeps) {
  const content = await keepContent(job, message, deps);
  const deferred: SendJob = { ...job, content, waits: 0, deferredUntilEpochMs: untilEpochMs };
  await deps.dueRows.put([{ dueEpochMs: untilEpochMs, work: { queue: 'send', job: deferred } }]);
  const nowEpochMs = deps.clock.nowEpochMs();
  const { scheduledAtEpochMs } = message;
  await deps.messages.defer(job.tenant, job.messageId, { nowEpochMs, untilEpochMs, scheduledAtEpochMs });
  deps.log.count('MessagesDeferred', 1);
  if (job.deferredUntilEpochMs !== undefined) {
    await deps.dueRows.remove(job.deferredUntilEpochMs, job.messageId);
  }
}

/** By reference, and for as long as it may be deferred: the queue alone does not carry it any more. */
async function keepContent(
  job: SendJob,
  message: Message,
  { messages, objects, clock }: DeferDeps,
): Promise<SendJob['content']> {
  const isKept = job.deferredUntilEpochMs !== undefined || job.content.kind === 'object';
  if (isKept || job.content.kind === 'unavailable') return job.content;
  const found = await findContent(message, { messages, objects });
  if (found?.carried.kind === 'object') return found.carried;
  const content = found?.content ?? (job.content.kind === 'inline' ? job.content.content : undefined);
  if (content === undefined) return { kind: 'unavailable', reason: 'content_not_kept' };
  const wantedUntil = Math.floor((clock.nowEpochMs() + CONTENT_KEPT_MS) / 1000);
  const keptUntil = found === undefined ? 0 : (message.contentKeptUntilEpochSeconds ?? 0);
  if (keptUntil < wantedUntil) await messages.putContent(message.messageId, content, wantedUntil);
  return { kind: 'table' };
}
