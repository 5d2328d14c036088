import { SESv2Client, type SESv2ClientConfig, SendEmailCommand } from '@aws-sdk/client-sesv2';
import type { Mailer, SendAnswer } from '../mailer.ts';
import { createSesAgents } from './ses-agents.ts';
import { toSendEmail } from './ses-request.ts';

interface SesMailerOptions {
  readonly connectionTimeoutMs: number;
  /** Time from the first byte to the answer, for one attempt. */
  readonly requestTimeoutMs: number;
  readonly client?: SESv2ClientConfig;
}

/** Time for the rest of an answer whose head has come. */
const ANSWER_MS = 5_000;

/**
 * Sends through SES, one request per mail. The SDK repeats by default, also where only the reply was lost, and would
 * send the mail again; and without `throwOnRequestTimeout` a request that takes too long is only warned about.
 */
export function createSesMailer(options: SesMailerOptions): Mailer {
  const { connectionTimeoutMs, requestTimeoutMs } = options;
  const { watch: watched, httpAgent, httpsAgent } = createSesAgents();
  const client = new SESv2Client({
    ...options.client,
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      httpAgent,
      httpsAgent,
    },
  });

  return {
    async send(mail) {
      const watch = { isConnected: false };
      try {
        const command = new SendEmailCommand(toSendEmail(mail));
        const abortSignal = AbortSignal.timeout(requestTimeoutMs + ANSWER_MS);
        const { MessageId } = await watched(watch, () => client.send(command, { abortSignal }));
        return MessageId === undefined
          ? { kind: 'unanswered', errorName: 'NoMessageId' }
          : { kind: 'sent', sesMessageId: MessageId };
      } catch (error) {
        return answerOf(error, watch.isConnected);
      }
    },
  };
}

/** Answer of a failed call: AWS and network errors end here. */
function answerOf(error: unknown, isConnected: boolean): SendAnswer {
  const { name, message, code, $metadata } = error as {
    name?: string;
    message?: string;
    code?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const errorName = code ?? name ?? 'Error';
  const httpStatus = $metadata?.httpStatusCode;
  if (httpStatus !== undefined) {
    return { kind: 'answered', httpStatus, errorName: name ?? 'Error', text: message ?? '' };
  }
  return { kind: isConnected ? 'unanswered' : 'not-asked', errorName };
}
