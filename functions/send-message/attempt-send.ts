import type { Clock } from '../../shared/base/ports.ts';
import type { SendJob } from '../../shared/messages/contract/queue-body.ts';
import type { Message } from '../../shared/messages/message.ts';
import type { SendWindow } from '../../shared/pace/services/send-window.ts';
import { evidenceWaitMsOf } from '../../shared/sending/claim-decision.ts';
import type { Mailer } from '../../shared/sending/mailer.ts';
import { classifySend, type SendOutcome } from '../../shared/sending/send-outcome.ts';
import type { Streams } from '../../shared/streams/stream.ts';
import type { Admission } from './admit-job.ts';
import { type Exit, tryLater, wordOf } from './exit.ts';
import type { Prepared } from './prepare-mail.ts';

interface AttemptDeps {
  readonly mailer: Mailer;
  readonly window: SendWindow;
  readonly streams: Streams;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly clock: Clock;
  /** 0 to 1, by chance. */
  readonly jitter: () => number;
}

export interface SendAttempt extends Prepared, Admission {
  readonly job: SendJob;
  readonly message: Message;
}

/** Asks SES once, at the slot of the mail, and says what follows from the answer. */
export function createAttemptSend(deps: AttemptDeps) {
  return async (attempt: SendAttempt): Promise<Exit> => {
    const { job, mail, recipients, sendAtEpochMs, perSecond } = attempt;
    await deps.sleep(Math.max(0, sendAtEpochMs - deps.clock.nowEpochMs()));
    const stream = deps.streams.byName(job.stream).name;
    const answer = await deps.window.run({ stream, recipients, perSecond }, () => deps.mailer.send(mail));
    const nowEpochMs = deps.clock.nowEpochMs();
    const evidenceWaitMs = evidenceWaitMsOf(deps.streams.byName(job.stream));
    return exitAfter(classifySend(answer), attempt, { nowEpochMs, evidenceWaitMs, jitter: deps.jitter() });
  };
}

interface Moment {
  readonly nowEpochMs: number;
  readonly evidenceWaitMs: number;
  readonly jitter: number;
}

function exitAfter(
  outcome: SendOutcome,
  { job, message, suppressed, recipients }: Omit<SendAttempt, 'mail'>,
  moment: Moment,
): Exit {
  switch (outcome.kind) {
    case 'sent': {
      const { sesMessageId } = outcome;
      const sent = { attempt: message.attempt, sesMessageId, sentAtEpochMs: moment.nowEpochMs };
      const receipt = { ...sent, suppressedRecipients: [...suppressed] };
      return { kind: 'done', reason: 'sent', receipt, recipients, ended: message };
    }
    case 'refused':
      return { kind: 'failed', reason: outcome.reason, message };
    case 'later':
      return tryLater(job, message, { reason: outcome.reason, ...moment });
    case 'unknown':
      return awaitEvidence(message, outcome.reason, moment);
  }
}

function awaitEvidence(message: Message, statusReason: string, { nowEpochMs, evidenceWaitMs }: Moment): Exit {
  return {
    kind: 'requeue',
    reason: statusReason,
    delaySeconds: Math.ceil(evidenceWaitMs / 1000),
    row: { message, move: { to: 'unknown', statusReason, unknownSinceEpochMs: nowEpochMs } },
    note: {
      level: 'warn',
      event: 'outcome_unknown',
      fields: { attempt: message.attempt, reason: wordOf(statusReason) },
      metric: 'OutcomesUnknown',
    },
  };
}
