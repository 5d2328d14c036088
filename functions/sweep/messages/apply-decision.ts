import type { Clock, Log } from '../../../shared/base/ports.ts';
import { isWithinDelay } from '../../../shared/base/queue-delay.ts';
import type { QueuedJob } from '../../../shared/messages/contract/queues.ts';
import type { Message } from '../../../shared/messages/message.ts';
import type { Messages } from '../../../shared/messages/ports.ts';
import { BATCH_RECORD_DAYS, expiryAfterDays } from '../../../shared/messages/retention.ts';
import { type FindJobDeps, findJob } from '../../../shared/messages/services/find-job.ts';
import type { DueRows } from '../../../shared/scheduling/contract/due-rows.ts';
import { decideSweep, type SweepDecision, type SweepEntry } from './decide-sweep.ts';

export interface ApplyDecisionDeps extends FindJobDeps {
  readonly messages: FindJobDeps['messages'] &
    Pick<Messages, 'getBatchState' | 'endBatch' | 'deleteUnsent' | 'advance' | 'appendFact'>;
  readonly dueRows: Pick<DueRows, 'has' | 'put'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn' | 'error' | 'count'>;
}

/** Does what a message needs, but for queueing; answers the job that is to be queued for it. */
export async function applyDecision(
  { message, facts }: SweepEntry,
  deps: ApplyDecisionDeps,
): Promise<QueuedJob | undefined> {
  const decision = decideSweep({ message, facts }, deps.clock.nowEpochMs());
  switch (decision.kind) {
    case 'queue':
      return prepareJob(message, decision, deps);
    case 'schedule':
      return schedule(message, decision.dueEpochMs, deps);
    case 'sent':
      await deps.messages.advance(message.tenant, message.messageId, message, sentMove(message, decision));
      return undefined;
    case 'fail':
      await fail(message, decision.failure, deps);
      return undefined;
    case 'unconfirmed':
      await sayUnconfirmed(message, decision.recipients, deps);
      return undefined;
    case 'leave':
      return undefined;
  }
}

type PrepareOptions = Pick<Extract<SweepDecision, { kind: 'queue' }>, 'withoutContent' | 'failure'>;

/**
 * Schedules a message. One that is due soon is queued with a delay; for any other the due row is there, or it
 * is made.
 */
async function schedule(
  message: Message,
  dueEpochMs: number,
  deps: ApplyDecisionDeps,
): Promise<QueuedJob | undefined> {
  const isSoon = isWithinDelay(dueEpochMs, deps.clock.nowEpochMs());
  if (!isSoon && (await deps.dueRows.has(dueEpochMs, message.messageId))) return undefined;
  const work = await prepareJob(message, { withoutContent: 'leave', failure: '' }, deps);
  if (isSoon || work === undefined) return work;
  await deps.dueRows.put([{ dueEpochMs, work }]);
  return undefined;
}

async function prepareJob(
  message: Message,
  { withoutContent, failure }: PrepareOptions,
  deps: ApplyDecisionDeps,
): Promise<QueuedJob | undefined> {
  if (!(await closeBatch(message, deps))) {
    await deps.messages.deleteUnsent(message.tenant, message.messageId);
    return undefined;
  }
  const found = await findJob(message, deps);
  if (found === undefined && withoutContent === 'fail') await fail(message, failure, deps);
  return found;
}

/**
 * A batch that is not committed by now never will be: the abort is written first, so that one of the two wins. A due
 * row is written after the commit, and what was held back was queued after it: both may outlive the record of it.
 */
async function closeBatch(
  { messageId, batchId, scheduledAtEpochMs, deferredUntilEpochMs }: Message,
  { messages, dueRows, clock }: ApplyDecisionDeps,
): Promise<boolean> {
  if (batchId === undefined || deferredUntilEpochMs !== undefined) return true;
  if (scheduledAtEpochMs !== undefined && (await dueRows.has(scheduledAtEpochMs, messageId))) return true;
  const expiresAtEpochSeconds = expiryAfterDays(clock.nowEpochMs(), BATCH_RECORD_DAYS);
  const state =
    (await messages.getBatchState(batchId)) ??
    (await messages.endBatch(batchId, 'aborted', expiresAtEpochSeconds));
  return state === 'committed';
}

/** Conditional: a worker that has claimed or ended it since knows better. */
async function fail(
  message: Message,
  statusReason: string,
  { messages, clock, log }: ApplyDecisionDeps,
): Promise<void> {
  const { tenant, messageId } = message;
  const move = { to: 'failed', statusReason, endedAtEpochMs: clock.nowEpochMs() } as const;
  const isOurs = await messages.advance(tenant, messageId, message, move);
  if (!isOurs) return;
  log.warn('message_failed', { messageId, reason: statusReason });
  log.count('MessagesFailed', 1);
}

function sentMove(
  { suppressedRecipients = [] }: Message,
  { sesMessageId, sentAtEpochMs }: Extract<SweepDecision, { kind: 'sent' }>,
) {
  return { to: 'sent', sesMessageId, sentAtEpochMs, suppressedRecipients } as const;
}

async function sayUnconfirmed(
  { messageId, tenant, attempt, sesMessageId = '', expiresAtEpochSeconds }: Message,
  recipients: readonly string[],
  { messages, clock }: ApplyDecisionDeps,
): Promise<void> {
  const occurredAt = new Date(clock.nowEpochMs()).toISOString();
  const about = { messageId, kind: 'unconfirmed', occurredAt, attempt, sesMessageId } as const;
  for (const recipient of recipients) {
    await messages.appendFact(tenant, { ...about, recipient }, expiresAtEpochSeconds);
  }
}
