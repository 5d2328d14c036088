/** Reply of one server about one recipient. */
export interface SmtpReply {
  /** Basic code, 550; 0 where there was no answer at all. */
  readonly code: number;
  /** Enhanced status code (RFC 3463), `5.1.1`; made up from the class where the server gave none. */
  readonly status: string;
  /** The whole reply. */
  readonly text: string;
}

/** Words of SES for a server that does not answer. */
const UNREACHABLE = '421 4.4.1 Unable to connect to remote host';

/** Reads `550 5.1.1 user unknown`; several lines stay as they came. */
export function parseSmtpReply(text: string | undefined): SmtpReply {
  const reply = text?.trim() || UNREACHABLE;
  const [, code, enhanced] = /^(\d{3})[ -](?:([245]\.\d{1,3}\.\d{1,3})\b)?/.exec(reply) ?? [];
  const basic = code === undefined ? 421 : Number(code);
  return { code: basic, status: enhanced ?? `${Math.floor(basic / 100)}.0.0`, text: reply };
}

export const toDiagnosticCode = (reply: SmtpReply): string => `smtp; ${reply.text}`;

/**
 * Bounce types by class, subject and detail of RFC 3463; SES calls a full box, a size and a content refusal
 * transient.
 */
const BOUNCE_TYPES: readonly (readonly [RegExp, BounceType])[] = [
  [/^5\.2\.2$/, { bounceType: 'Transient', bounceSubType: 'MailboxFull' }],
  [/^5\.(?:2\.3|3\.4)$/, { bounceType: 'Transient', bounceSubType: 'MessageTooLarge' }],
  [/^5\.6\.\d+$/, { bounceType: 'Transient', bounceSubType: 'ContentRejected' }],
];

interface BounceType {
  readonly bounceType: 'Permanent' | 'Transient';
  readonly bounceSubType: string;
}

/** The type SES gives a refusal; an unknown user (5.1.1) is `Permanent`/`General` in the events it publishes. */
export const toBounceType = ({ status }: SmtpReply): BounceType =>
  BOUNCE_TYPES.find(([pattern]) => pattern.test(status))?.[1] ?? {
    bounceType: 'Permanent',
    bounceSubType: 'General',
  };

const DELAY_TYPES: readonly (readonly [RegExp, string])[] = [
  [/^4\.2\.2$/, 'MailboxFull'],
  [/^4\.4\.\d+$/, 'TransientCommunicationFailure'],
  [/^4\.3\.\d+$/, 'RecipientServerError'],
];

/** The `deliveryDelay.delayType` of a 4xx reply. */
export const toDelayType = ({ status }: SmtpReply): string =>
  DELAY_TYPES.find(([pattern]) => pattern.test(status))?.[1] ?? 'General';
