import type { Clock, Log } from '../../shared/base/ports.ts';
import { backOffSeconds, holdSeconds } from '../../shared/base/queue-delay.ts';
import type { SendJob } from '../../shared/messages/contract/queue-body.ts';
import type { SendQueue } from '../../shared/messages/contract/queues.ts';
import type { Message } from '../../shared/messages/message.ts';
import type { MessageMove, Messages } from '../../shared/messages/ports.ts';
import { dueAtEpochMsOf, isTooOldToTry } from '../../shared/messages/retry-schedule.ts';
import { evidenceWaitMsOf } from '../../shared/sending/claim-decision.ts';
import type { SendOutcome } from '../../shared/sending/send-outcome.ts';
import { sentFact } from '../../shared/sending/sent-evidence.ts';
import type { Streams } from '../../shared/streams/stream.ts';

export interface SettleDeps {
  readonly reputation: Reputation;
  readonly messages: Pick<Messages, 'advance' | 'appendFact'>;
  readonly queue: Pick<SendQueue, 'enqueue'>;
  readonly isOutage: (error: unknown) => boolean;
  readonly streams: Streams;
  readonly messageKeepDays: number;
  readonly clock: Clock;
  /** 0 to 1, by chance. */
  readonly jitter: () => number;
  readonly log: Log;
}

/** Counts what left, for the guard. */
export interface Reputation {
  countSent(mail: Pick<Message, 'tenant' | 'stream'>, recipients: number, sentAtEpochMs: number): void;
}

/** Whether the message has reached its end in our hands, so that its content may go. */
export type Settled = 'ended' | 'waiting';

type Taken = NonNullable<SendJob['taken']>;

const MS_PER_DAY = 86_400_000;

/** Neither table nor queue took the yes: whoever puts the job back must put it in. */
export class UnrecordedYesError extends Error {
  override readonly name = 'UnrecordedYesError';
  readonly taken: Taken;

  constructor(taken: Taken, cause: unknown) {
    super('SES took the mail, and no store took note.', { cause });
    this.taken = taken;
  }
}

/** Writes down what one attempt came to, and what is to happen next. */
export async function settleAttempt(
  outcome: SendOutcome,
  attempt: {
    readonly job: SendJob;
    readonly message: Message;
    readonly suppressed: readonly string[];
    /** How many it went to. */
    readonly recipients: number;
  },
  deps: SettleDeps,
): Promise<Settled> {
  const { job, message, suppressed, recipients } = attempt;
  switch (outcome.kind) {
    case 'sent': {
      const { sesMessageId } = outcome;
      const sentAtEpochMs = deps.clock.nowEpochMs();
      const taken = { attempt: message.attempt, sesMessageId, sentAtEpochMs };
      const settled = await settleTaken(job, { ...taken, suppressedRecipients: [...suppressed] }, deps);
      deps.reputation.countSent(message, recipients, sentAtEpochMs);
      return settled;
    }
    case 'refused':
      return fail(message, outcome.reason, deps);
    case 'later':
      return tryLater(job, message, outcome.reason, deps);
    case 'unknown':
      return awaitEvidence(job, message, outcome.reason, deps);
  }
}

/**
 * The yes is known and must not be forgotten: while the table is down it travels in the queue.
 * @throws UnrecordedYesError where the queue does not take it either
 */
export async function settleTaken(job: SendJob, taken: Taken, deps: SettleDeps): Promise<Settled> {
  try {
    await writeTaken(job, taken, deps);
    return 'ended';
  } catch (error) {
    if (!deps.isOutage(error)) throw error;
    deps.log.error('sent_not_recorded', { messageId: job.messageId, error });
    const copy = { ...job, waits: job.waits + 1, taken };
    await deps.queue.enqueue(copy, holdSeconds(job.waits)).catch((cause: unknown) => {
      throw new UnrecordedYesError(taken, cause);
    });
    return 'waiting';
  }
}

async function writeTaken(
  job: SendJob,
  { attempt, ...sent }: Taken,
  { messages, messageKeepDays }: SettleDeps,
): Promise<void> {
  const { tenant, messageId } = job;
  const move = { to: 'sent', ...sent } as const;
  if (await messages.advance(tenant, messageId, { status: 'sending', attempt }, move)) return;
  if (await messages.advance(tenant, messageId, { status: 'unknown', attempt }, move)) return;
  // Given up on while the yes was under way.
  if (await messages.advance(tenant, messageId, { status: 'failed', attempt }, move)) return;
  // SES's own event was faster, or the row is on its second attempt: the proof stands in the timeline.
  const proof = sentFact(
    { messageId, attempt, sesMessageId: sent.sesMessageId },
    new Date(sent.sentAtEpochMs).toISOString(),
  );
  const expiresAt = Math.floor((dueAtEpochMsOf(job) + messageKeepDays * MS_PER_DAY) / 1000);
  await messages.appendFact(tenant, proof, expiresAt);
}

/** Ends a claimed message for good. */
export async function fail(message: Message, statusReason: string, deps: SettleDeps): Promise<Settled> {
  const { tenant, messageId } = message;
  deps.log.warn('message_failed', { messageId, reason: wordOf(statusReason) });
  deps.log.count('MessagesFailed', 1);
  const endedAtEpochMs = deps.clock.nowEpochMs();
  await deps.messages.advance(tenant, messageId, message, { to: 'failed', statusReason, endedAtEpochMs });
  return 'ended';
}

/** Gives the claim back and the attempt with it: nothing was sent. */
export async function tryLater(
  job: SendJob,
  message: Message,
  statusReason: string,
  deps: SettleDeps,
): Promise<Settled> {
  if (isTooOldToTry(message, deps.clock.nowEpochMs())) {
    return fail(message, `not_sent_in_a_day: ${statusReason}`, deps);
  }
  const { messageId } = message;
  deps.log.warn('send_put_off', { messageId, waits: job.waits, reason: wordOf(statusReason) });
  await giveBack(message, statusReason, deps);
  await deps.queue.enqueue({ ...job, waits: job.waits + 1 }, backOffSeconds(job.waits, deps.jitter()));
  return 'waiting';
}

/** Nothing was sent, and the attempt does not count. */
export async function giveBack(message: Message, statusReason: string, deps: SettleDeps): Promise<void> {
  const move = givenBack(message, statusReason, deps);
  await deps.messages.advance(message.tenant, message.messageId, message, move);
}

/**
 * A resend that SES refused for now leaves the first attempt as unknown as it was: taken for new, the message would be
 * sent once more without a look at evidence that came meanwhile. Its wait is over already, so the copy finds it due.
 */
function givenBack(message: Message, statusReason: string, { clock, streams }: SettleDeps): MessageMove {
  if (message.attempt <= 1) return { to: 'accepted', statusReason };
  const unknownSinceEpochMs = clock.nowEpochMs() - evidenceWaitMsOf(streams.byName(message.stream));
  return { to: 'unknown', attempt: message.attempt - 1, statusReason, unknownSinceEpochMs };
}

async function awaitEvidence(
  job: SendJob,
  message: Message,
  statusReason: string,
  deps: SettleDeps,
): Promise<Settled> {
  const { tenant, messageId } = message;
  deps.log.warn('outcome_unknown', { messageId, attempt: message.attempt, reason: wordOf(statusReason) });
  deps.log.count('OutcomesUnknown', 1);
  const unknownSinceEpochMs = deps.clock.nowEpochMs();
  await deps.messages.advance(tenant, messageId, message, {
    to: 'unknown',
    statusReason,
    unknownSinceEpochMs,
  });
  await deps.queue.enqueue(
    { ...job, waits: job.waits + 1 },
    Math.ceil(evidenceWaitMsOf(deps.streams.byName(job.stream)) / 1000),
  );
  return 'waiting';
}

/** The machine's word of a reason: the text after it may quote an address. */
const wordOf = (reason: string): string => reason.split(':', 1)[0] ?? '';
