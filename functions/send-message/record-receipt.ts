import { MS_PER_DAY } from '../../shared/base/durations.ts';
import type { Log } from '../../shared/base/ports.ts';
import { outageWaitSeconds } from '../../shared/base/queue-delay.ts';
import type { SendJob, SendReceipt } from '../../shared/messages/contract/queue-body.ts';
import type { SendQueue } from '../../shared/messages/contract/queues.ts';
import type { Messages } from '../../shared/messages/ports.ts';
import { dueAtEpochMsOf } from '../../shared/messages/retry-schedule.ts';
import { sentFact } from '../../shared/sending/sent-evidence.ts';

interface RecordReceiptDeps {
  readonly messages: Pick<Messages, 'advance' | 'appendFact'>;
  readonly queue: Pick<SendQueue, 'enqueue'>;
  readonly isOutage: (error: unknown) => boolean;
  readonly messageKeepDays: number;
  readonly log: Pick<Log, 'error'>;
}

/** Neither table nor queue took the receipt: the copy that the job comes back as must carry it. */
export class UnrecordedSendError extends Error {
  override readonly name = 'UnrecordedSendError';
  readonly receipt: SendReceipt;

  constructor(receipt: SendReceipt, cause: unknown) {
    super('SES took the mail, and no store took note.', { cause });
    this.receipt = receipt;
  }
}

/**
 * Writes down that SES took the mail, which must not be forgotten: while the table is down the receipt travels in the queue.
 * @throws UnrecordedSendError where the queue does not take it either
 */
export function createRecordReceipt(deps: RecordReceiptDeps) {
  return async (job: SendJob, receipt: SendReceipt): Promise<'recorded' | 'requeued'> => {
    try {
      await write(job, receipt, deps);
      return 'recorded';
    } catch (error) {
      if (!deps.isOutage(error)) throw error;
      deps.log.error('sent_not_recorded', { messageId: job.messageId, error });
      const copy: SendJob = { ...job, waits: job.waits + 1, sendReceipt: receipt };
      await deps.queue.enqueue(copy, outageWaitSeconds(job.waits)).catch((cause: unknown) => {
        throw new UnrecordedSendError(receipt, cause);
      });
      return 'requeued';
    }
  };
}

async function write(
  job: SendJob,
  { attempt, ...sent }: SendReceipt,
  { messages, messageKeepDays }: RecordReceiptDeps,
): Promise<void> {
  const { tenant, messageId } = job;
  const move = { to: 'sent', ...sent } as const;
  if (await messages.advance(tenant, messageId, { status: 'sending', attempt }, move)) return;
  if (await messages.advance(tenant, messageId, { status: 'unknown', attempt }, move)) return;
  // Given up on while the answer was under way.
  if (await messages.advance(tenant, messageId, { status: 'failed', attempt }, move)) return;
  // SES's own event was faster, or the row is on its second attempt: the proof stands in the timeline.
  const proof = sentFact(
    { messageId, attempt, sesMessageId: sent.sesMessageId },
    new Date(sent.sentAtEpochMs).toISOString(),
  );
  const expiresAt = Math.floor((dueAtEpochMsOf(job) + messageKeepDays * MS_PER_DAY) / 1000);
  await messages.appendFact(tenant, proof, expiresAt);
}
