import { backOffSeconds } from '../../shared/base/queue-delay.ts';
import type { SendJob, SendReceipt } from '../../shared/messages/contract/queue-body.ts';
import type { Message } from '../../shared/messages/message.ts';
import type { MessageMove } from '../../shared/messages/ports.ts';
import { isTooOldToTry } from '../../shared/messages/retry-schedule.ts';
import { releaseMove } from '../../shared/sending/claim-decision.ts';

/** What a step answers: the job goes on with what the step has found, or leaves by one of the exits. */
export type Step<Found extends object = object> = ({ readonly kind: 'send' } & Found) | Exit;

/** How a job leaves, as data: `act-on-exit.ts` alone writes, queues, logs and counts. */
export type Exit = Requeue | Defer | Done | Failed;

/** A copy of the job comes back after a delay; the record succeeds. */
export interface Requeue extends Reasoned {
  readonly kind: 'requeue';
  readonly delaySeconds: number;
  /** What the copy says otherwise. */
  readonly changes?: Pick<Partial<SendJob>, 'waitedOutOutage' | 'sendReceipt'>;
  /** Written before the copy is queued: a claim is released, an outcome is not known. */
  readonly row?: RowMove;
}

/** A due row brings the job back. */
export interface Defer extends Reasoned {
  readonly kind: 'defer';
  readonly untilEpochMs: number;
}

/** Nothing is left to do for the job. */
export interface Done extends Reasoned {
  readonly kind: 'done';
  readonly row?: RowMove;
  /** What SES has answered, which the row does not say yet. */
  readonly receipt?: SendReceipt;
  /** How many the mail left for just now; they are counted for the guard. */
  readonly recipients?: number;
  /** The message, where it has its end: content that is not kept goes. */
  readonly ended?: Message;
}

/** The message ends with the reason, and its content goes where it is not kept. */
export interface Failed extends Reasoned {
  readonly kind: 'failed';
  readonly message: Message;
}

interface Reasoned {
  /** A machine's word, and after a colon perhaps a text, which may quote an address. */
  readonly reason: string;
  readonly note?: Note;
}

/** Conditional on the status and attempt of the message as it was read. */
export interface RowMove {
  readonly message: Message;
  readonly move: MessageMove;
}

/** Logged beside the message's id, and counted, once the row says so. */
export interface Note {
  readonly level: 'warn' | 'error';
  readonly event: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly metric?: string;
}

export const GO_ON = { kind: 'send' } as const;

/** The row changed between two looks at it; soon enough it will have come to rest. */
export const LOOK_AGAIN: Requeue = { kind: 'requeue', reason: 'row_changed', delaySeconds: 2 };

/** Decides after a definite no for now: the claim is released, and the attempt with it, because nothing was sent. */
export function tryLater(
  job: SendJob,
  message: Message,
  { reason, ...moment }: { reason: string; nowEpochMs: number; evidenceWaitMs: number; jitter: number },
): Requeue | Failed {
  if (isTooOldToTry(message, moment.nowEpochMs)) {
    return { kind: 'failed', reason: `not_sent_in_a_day: ${reason}`, message };
  }
  const fields = { waits: job.waits, reason: wordOf(reason) };
  return {
    kind: 'requeue',
    reason,
    delaySeconds: backOffSeconds(job.waits, moment.jitter),
    row: { message, move: releaseMove(message, reason, moment) },
    note: { level: 'warn', event: 'send_requeued', fields },
  };
}

export const wordOf = (reason: string): string => reason.split(':', 1)[0] ?? '';
