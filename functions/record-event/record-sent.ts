import type { Log } from '../../shared/base/ports.ts';
import type { Message } from '../../shared/messages/message.ts';
import type { Messages } from '../../shared/messages/ports.ts';
import { findMessage } from '../../shared/messages/services/find-message.ts';
import type { ReportedMail } from '../../shared/sending/reported-mail.ts';
import { decideSent, sentFact } from '../../shared/sending/sent-evidence.ts';

export interface SentEvidence {
  /**
   * Records the proof: one eventually consistent read, and nothing else if the row says `sent` already; false
   * if there is no such message.
   */
  record(proof: SentProof, expiresAtEpochSeconds: number): Promise<boolean>;
}

interface SentProof {
  readonly mail: ReportedMail;
  readonly occurredAt: string;
}

interface SentEvidenceDeps {
  readonly messages: Pick<Messages, 'getMessage' | 'advance' | 'appendFact'>;
  readonly log: Log;
}

/** The row was written by others each time we had read it; a later delivery of the record finds it at rest. */
class MessageContendedError extends Error {
  override readonly name = 'MessageContendedError';
  readonly permanent = false;
}

const ROUNDS = 3;

/** Records a proof that SES took a message: rows that lost the reply or the process are `sent`, and duplicates show. */
export function createSentEvidence(deps: SentEvidenceDeps): SentEvidence {
  return {
    async record(report, expiresAtEpochSeconds) {
      const { tenant, messageId } = report.mail;
      let message = await findMessage(deps.messages, report.mail);
      for (let round = 0; message !== undefined && round < ROUNDS; round++) {
        if (await recordSent(deps, message, report, expiresAtEpochSeconds)) return true;
        message = await deps.messages.getMessage(tenant, messageId, { consistent: true });
      }
      if (message !== undefined) throw new MessageContendedError(`message ${messageId} keeps changing`);
      return false;
    },
  };
}

/** Settles a row; false if it has moved on since it was read. */
async function recordSent(
  { messages, log }: SentEvidenceDeps,
  message: Message,
  { mail, occurredAt }: SentProof,
  expiresAtEpochSeconds: number,
): Promise<boolean> {
  const decision = decideSent(message, mail, occurredAt);
  if (decision.kind === 'known') return true;
  if (decision.kind === 'move') return messages.advance(mail.tenant, mail.messageId, message, decision.move);
  const isNew = await messages.appendFact(mail.tenant, sentFact(mail, occurredAt), expiresAtEpochSeconds);
  if (isNew) log.count('DuplicateDeliveries', 1);
  return true;
}
