import type { SendAnswer } from './mailer.ts';

export type SendOutcome =
  | { readonly kind: 'sent'; readonly sesMessageId: string }
  /** A definite no that no later attempt would change. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** A definite no for now. */
  | { readonly kind: 'later'; readonly reason: string }
  /** SES may have the mail, and asking again could send it twice. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** A definite no that passes: rate, quota, a pause, or what an operator restores (a right, a configuration set). */
const PASSING = new Set([
  'TooManyRequestsException',
  'ThrottlingException',
  'Throttling',
  'RequestThrottled',
  'LimitExceededException',
  'SendingPausedException',
  'AccountSuspendedException',
  'NotFoundException',
  'AccessDenied',
  'AccessDeniedException',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'OptInRequired',
  'RequestExpired',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

const PASSING_STATUS = new Set([401, 403, 404, 429]);

/**
 * Words of errors that pass. What SES answers for a tenant whose sending is disabled is not documented; its
 * words will say what it is about.
 */
const PASSING_WORDS = /\b(?:tenant|paused|disabled)\b/i;

/** Length of a reason at most: the row has 1 KB for its whole life. */
const MAX_REASON_LENGTH = 200;

/**
 * Classifies an answer: definite yes, definite no (for good or for now), or unknown. A 5xx is unknown: SES
 * has been asked, and whether it failed before or after it took the mail is not in the answer. Anything but a
 * clear refusal is unknown too.
 */
export function classifySend(answer: SendAnswer): SendOutcome {
  switch (answer.kind) {
    case 'sent':
      return { kind: 'sent', sesMessageId: answer.sesMessageId };
    case 'not-asked':
      return { kind: 'later', reason: `not_connected: ${answer.errorName}` };
    case 'unanswered':
      return { kind: 'unknown', reason: `no_answer: ${answer.errorName}` };
    case 'answered':
      return classifyAnswer(answer);
  }
}

function classifyAnswer({ httpStatus, errorName, text }: SendAnswer & { kind: 'answered' }): SendOutcome {
  const reason = `${errorName}: ${text}`.slice(0, MAX_REASON_LENGTH);
  if (httpStatus < 400 || httpStatus >= 500 || httpStatus === 408) return { kind: 'unknown', reason };
  const isPassing = PASSING.has(errorName) || PASSING_STATUS.has(httpStatus) || PASSING_WORDS.test(text);
  if (isPassing) return { kind: 'later', reason };
  return { kind: 'refused', reason };
}
