import { MAX_DELAY_SECONDS } from '../../shared/base/queue-delay.ts';
import type { SendJob } from '../../shared/messages/contract/queue-body.ts';
import type { Message } from '../../shared/messages/message.ts';
import type { Messages, Objects } from '../../shared/messages/ports.ts';
import { findContent } from '../../shared/messages/services/find-job.ts';
import type { DueRows } from '../../shared/scheduling/contract/due-rows.ts';
import { decidePark, LONGEST_HOLD_MS, type Wait } from '../../shared/sending/parking.ts';
import { fail, type SettleDeps } from './settle-attempt.ts';

export interface ParkDeps extends SettleDeps {
  readonly messages: SettleDeps['messages'] &
    Pick<Messages, 'getMessage' | 'getContent' | 'putContent' | 'park'>;
  readonly objects: Pick<Objects, 'get'>;
  readonly dueRows: Pick<DueRows, 'put' | 'remove'>;
}

/** A day longer than anything is held. */
const CONTENT_KEPT_MS = LONGEST_HOLD_MS + 86_400_000;

/** Lets a job wait: as a copy in the queue, or, where it is to be for longer, as a due row. */
export function putOff(job: SendJob, wait: Wait, deps: ParkDeps): Promise<void> {
  return wait.kind === 'copy' ? putBack(job, wait.delaySeconds, deps) : park(job, wait, deps);
}

export async function putBack(
  job: SendJob,
  delaySeconds: number,
  { queue }: Pick<ParkDeps, 'queue'>,
): Promise<void> {
  await queue.enqueue({ ...job, waits: job.waits + 1 }, delaySeconds);
}

async function park(job: SendJob, wait: Wait & { kind: 'park' }, deps: ParkDeps): Promise<void> {
  const message = await deps.messages.getMessage(job.tenant, job.messageId, { consistent: true });
  if (message === undefined) return putBack(job, MAX_DELAY_SECONDS, deps);
  const decision = decidePark(message, job, deps.clock.nowEpochMs());
  switch (decision.kind) {
    case 'drop':
      return;
    case 'copy':
      return putBack(job, MAX_DELAY_SECONDS, deps);
    case 'give-up':
      await fail(message, `held_too_long: ${wait.reason}`, deps);
      return;
    case 'park':
      return writeDueRow(job, message, wait.untilEpochMs, deps);
  }
}

/**
 * Content first, then the due row, then the message: a death in between leaves a row too many, whose job finds that the
 * message is parked for another time.
 */
async function writeDueRow(job: SendJob, message: Message, untilEpochMs: number, deps: ParkDeps) {
  const content = await keepContent(job, message, deps);
  const parked: SendJob = { ...job, content, waits: 0, parkedUntilEpochMs: untilEpochMs };
  await deps.dueRows.put([{ dueEpochMs: untilEpochMs, work: { queue: 'send', job: parked } }]);
  const nowEpochMs = deps.clock.nowEpochMs();
  const { scheduledAtEpochMs } = message;
  await deps.messages.park(job.tenant, job.messageId, { nowEpochMs, untilEpochMs, scheduledAtEpochMs });
  deps.log.count('MessagesParked', 1);
  if (job.parkedUntilEpochMs !== undefined) {
    await deps.dueRows.remove(job.parkedUntilEpochMs, job.messageId);
  }
}

/** By reference, and for as long as it may be held: the queue alone does not carry it any more. */
async function keepContent(
  job: SendJob,
  message: Message,
  { messages, objects, clock }: ParkDeps,
): Promise<SendJob['content']> {
  const isKept = job.parkedUntilEpochMs !== undefined || job.content.kind === 'object';
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
