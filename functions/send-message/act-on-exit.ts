import type { Clock, Log } from '../../shared/base/ports.ts';
import type { SendJob, SendReceipt } from '../../shared/messages/contract/queue-body.ts';
import type { SendQueue } from '../../shared/messages/contract/queues.ts';
import type { Message } from '../../shared/messages/message.ts';
import type { Messages, Objects } from '../../shared/messages/ports.ts';
import type { CountSent } from '../../shared/reputation/services/count-sent.ts';
import {
  type Defer,
  type Done,
  type Exit,
  type Failed,
  LOOK_AGAIN,
  type Note,
  type Requeue,
  type RowMove,
  wordOf,
} from './exit.ts';
import type { UsableContent } from './load-content.ts';

interface ActDeps {
  readonly messages: Pick<Messages, 'advance' | 'deleteContent'>;
  readonly objects: Pick<Objects, 'delete'>;
  readonly queue: Pick<SendQueue, 'enqueue'>;
  readonly deferJob: (job: SendJob, exit: Defer) => Promise<Exit>;
  readonly recordReceipt: (job: SendJob, receipt: SendReceipt) => Promise<'recorded' | 'requeued'>;
  readonly countSent: CountSent;
  readonly clock: Clock;
  readonly log: Log;
}

/** A job that leaves, and its content where that was read. */
export interface Leaving {
  readonly job: SendJob;
  readonly loaded?: UsableContent;
}

export type ActOnExit = (exit: Exit, leaving: Leaving) => Promise<void>;

/** The one place where a job leaves: first the row, then the queue; a row that has changed since is looked at again. */
export function createActOnExit(deps: ActDeps): ActOnExit {
  const act: ActOnExit = async (exit, leaving) => {
    switch (exit.kind) {
      case 'requeue':
        return requeue(exit, leaving, deps);
      case 'defer':
        // Content stays: it is what the due row refers to, or what a failed message may be looked at by.
        return act(await deps.deferJob(leaving.job, exit), { job: leaving.job });
      case 'done':
        return finish(exit, leaving, deps);
      case 'failed':
        return fail(exit, leaving, deps);
    }
  };
  return act;
}

async function requeue(exit: Requeue, { job }: Leaving, deps: ActDeps): Promise<void> {
  const hasMoved = await moveRow(exit.row, deps);
  if (hasMoved) logNote(exit.note, job, deps);
  const { delaySeconds } = hasMoved ? exit : LOOK_AGAIN;
  await deps.queue.enqueue({ ...job, ...exit.changes, waits: job.waits + 1 }, delaySeconds);
}

async function finish(exit: Done, leaving: Leaving, deps: ActDeps): Promise<void> {
  if (!(await moveRow(exit.row, deps))) return requeue(LOOK_AGAIN, leaving, deps);
  if (exit.receipt !== undefined && !(await recordSent(exit, exit.receipt, leaving, deps))) return;
  logNote(exit.note, leaving.job, deps);
  if (exit.ended !== undefined) await discardContent(exit.ended, leaving, deps);
}

/** False where the receipt travels in the queue: the message has not reached its end by our own records. */
async function recordSent(
  { ended, recipients }: Done,
  receipt: SendReceipt,
  { job }: Leaving,
  { recordReceipt, countSent }: ActDeps,
): Promise<boolean> {
  const answer = await recordReceipt(job, receipt);
  if (ended !== undefined && recipients !== undefined) countSent(ended, recipients, receipt.sentAtEpochMs);
  return answer === 'recorded';
}

async function fail({ message, reason, note }: Failed, leaving: Leaving, deps: ActDeps): Promise<void> {
  const endedAtEpochMs = deps.clock.nowEpochMs();
  const move = { to: 'failed', statusReason: reason, endedAtEpochMs } as const;
  if (!(await moveRow({ message, move }, deps))) return requeue(LOOK_AGAIN, leaving, deps);
  const usual = { level: 'warn', event: 'message_failed', fields: { reason: wordOf(reason) } } as const;
  logNote({ ...(note ?? usual), metric: 'MessagesFailed' }, leaving.job, deps);
  await discardContent(message, leaving, deps);
}

/** False where the row has moved on since it was read. */
async function moveRow(row: RowMove | undefined, { messages }: Pick<ActDeps, 'messages'>): Promise<boolean> {
  if (row === undefined) return true;
  const { tenant, messageId } = row.message;
  return messages.advance(tenant, messageId, row.message, row.move);
}

function logNote(note: Note | undefined, { messageId }: SendJob, { log }: ActDeps): void {
  if (note === undefined) return;
  log[note.level](note.event, { messageId, ...note.fields });
  if (note.metric !== undefined) log.count(note.metric, 1);
}

/**
 * Where content is not kept, what carried it goes once the message has its end. What a failure leaves behind expires
 * with the bucket's lifecycle rules and the table's time to live.
 */
async function discardContent(
  { contentKeptUntilEpochSeconds }: Message,
  { job: { content, messageId }, loaded }: Leaving,
  { messages, objects, log }: ActDeps,
): Promise<void> {
  if (contentKeptUntilEpochSeconds !== undefined || loaded === undefined) return;
  const attachments = loaded.kind === 'content' ? loaded.attachments : [];
  const keys = attachments.map(({ objectKey }) => objectKey);
  if (content.kind === 'object') keys.push(content.objectKey);
  try {
    if (keys.length > 0) await objects.delete(keys);
    if (content.kind === 'table') await messages.deleteContent(messageId);
  } catch (error) {
    log.error('content_not_discarded', { messageId, error });
  }
}
