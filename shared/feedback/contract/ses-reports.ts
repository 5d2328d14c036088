import { normaliseAddress } from '../../mail/address.ts';
import type { Fact, FactDetail } from '../../messages/delivery-event.ts';
import type { ReportedMail } from '../../sending/reported-mail.ts';
import type { BounceReport, ComplaintReport, DeliveryReport } from '../delivery-report.ts';
import type { SesEvent, SesEventType } from './ses-event-shape.ts';

/** Readings that turn SES's records into ours, one per event type. SES's spellings end here. */
type Readings = {
  readonly [Type in SesEventType]: (event: SesEvent<Type>, mail: ReportedMail) => DeliveryReport;
};

export const SES_REPORTS: Readings = {
  Send: ({ mail: { timestamp } }, mail) => ({ kind: 'sent', mail, occurredAt: timeOf(timestamp) }),

  Delivery: ({ delivery }, mail) =>
    facts(
      mail,
      delivery.recipients.map((recipient) => ({
        ...about(mail, 'delivered', delivery.timestamp),
        recipient: normaliseAddress(recipient),
        ...detail({ smtpResponse: cut(delivery.smtpResponse, LENGTHS.smtpResponse) }),
      })),
    ),

  DeliveryDelay: ({ deliveryDelay: delay }, mail) =>
    facts(
      mail,
      delay.delayedRecipients.map(({ emailAddress, diagnosticCode }) => ({
        ...about(mail, 'delayed', delay.timestamp),
        recipient: normaliseAddress(emailAddress),
        discriminator: timeOf(delay.timestamp),
        ...detail({
          delayType: delay.delayType ?? undefined,
          diagnosticCode: cut(diagnosticCode, LENGTHS.diagnosticCode),
        }),
      })),
    ),

  Bounce: ({ bounce }, mail): BounceReport => ({
    kind: 'bounce',
    mail,
    occurredAt: timeOf(bounce.timestamp),
    feedbackId: bounce.feedbackId ?? timeOf(bounce.timestamp),
    bounceType: bounce.bounceType,
    bounceSubType: bounce.bounceSubType,
    refusedBy: ownValue(REFUSED_BY, bounce.bounceSubType) ?? 'recipient',
    recipients: reported(bounce.bouncedRecipients),
  }),

  Complaint: ({ complaint }, mail): ComplaintReport => ({
    kind: 'complaint',
    mail,
    occurredAt: timeOf(complaint.timestamp),
    feedbackId: complaint.feedbackId ?? timeOf(complaint.timestamp),
    meaning: complaint.complaintSubType
      ? 'echo'
      : (ownValue(MEANINGS, complaint.complaintFeedbackType ?? '') ?? 'complaint'),
    ...defined({
      feedbackType: complaint.complaintFeedbackType ?? undefined,
      subType: complaint.complaintSubType ?? undefined,
      userAgent: cut(complaint.userAgent, LENGTHS.userAgent),
    }),
    recipients: reported(complaint.complainedRecipients),
  }),

  Reject: ({ mail: { timestamp }, reject }, mail) =>
    facts(mail, [
      { ...about(mail, 'rejected', timestamp), ...detail({ reason: cut(reject.reason, LENGTHS.reason) }) },
    ]),

  'Rendering Failure': ({ mail: { timestamp }, failure }, mail) =>
    facts(mail, [
      {
        ...about(mail, 'rendering_failed', timestamp),
        ...detail({ reason: cut(failure.errorMessage, LENGTHS.reason) }),
      },
    ]),

  Open: ({ open }, mail) =>
    facts(mail, [
      {
        ...about(mail, 'opened', open.timestamp),
        ...onlyRecipientOf(mail),
        discriminator: timeOf(open.timestamp),
        ...detail(visit(open)),
      },
    ]),

  Click: ({ click }, mail) =>
    facts(mail, [
      {
        ...about(mail, 'clicked', click.timestamp),
        ...onlyRecipientOf(mail),
        discriminator: `${timeOf(click.timestamp)} ${click.link}`,
        ...detail({ ...visit(click), link: cut(click.link, LENGTHS.link) }),
      },
    ]),

  Subscription: ({ mail: { timestamp }, subscription }, mail) =>
    facts(mail, [
      {
        ...about(mail, 'subscribed', subscription.timestamp ?? timestamp),
        ...onlyRecipientOf(mail),
        discriminator: timeOf(subscription.timestamp ?? timestamp),
        ...detail({ reason: cut(subscription.source, LENGTHS.reason) }),
      },
    ]),
};

/** Lengths of texts. A fact is billed by the kilobyte, and servers can be wordy. */
const LENGTHS = { smtpResponse: 200, diagnosticCode: 400, userAgent: 256, reason: 200, link: 2048 } as const;

const REFUSED_BY: Readonly<Record<string, BounceReport['refusedBy']>> = {
  Suppressed: 'global-list',
  OnAccountSuppressionList: 'account',
  OnTenantSuppressionList: 'account',
  EmailValidationSuppressed: 'account',
  UnsubscribedRecipient: 'account',
};

const MEANINGS: Readonly<Record<string, ComplaintReport['meaning']>> = {
  'not-spam': 'withdrawal',
  'auth-failure': 'authentication',
};

const facts = (mail: ReportedMail, made: readonly Fact[]): DeliveryReport => ({
  kind: 'facts',
  mail,
  facts: made,
});

function about(mail: ReportedMail, kind: Fact['kind'], timestamp: string) {
  const { messageId, attempt, sesMessageId } = mail;
  return { messageId, kind, occurredAt: timeOf(timestamp), attempt, sesMessageId };
}

/**
 * Recipient of a visit. SES says when a mail was opened, not by whom: known only where there was one
 * recipient.
 */
function onlyRecipientOf({ recipients }: ReportedMail): { readonly recipient?: string } {
  const [only, ...others] = recipients;
  return only === undefined || others.length > 0 ? {} : { recipient: only };
}

function visit(event: { ipAddress?: unknown; userAgent?: unknown; isBotEvent?: unknown }) {
  return {
    ipAddress: cut(event.ipAddress, 45),
    userAgent: cut(event.userAgent, LENGTHS.userAgent),
    isMachine: /^(likely|true)$/i.test(String(event.isBotEvent)) ? true : undefined,
  };
}

function reported(
  recipients: readonly { emailAddress: string; diagnosticCode?: string | null | undefined }[],
) {
  return recipients.map(({ emailAddress, diagnosticCode }) => ({
    address: normaliseAddress(emailAddress),
    ...defined({ diagnosticCode: cut(diagnosticCode, LENGTHS.diagnosticCode) }),
  }));
}

function detail(values: { readonly [Name in keyof FactDetail]?: FactDetail[Name] | undefined }) {
  const known = defined(values) as FactDetail;
  return Object.keys(known).length === 0 ? {} : { detail: known };
}

type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** Time of an event. Both paths tell the same one, in the same spelling. */
const timeOf = (timestamp: string): string => new Date(timestamp).toISOString();

const cut = (value: unknown, length: number): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, length) : undefined;

/** Looks a word up among own properties. A receiver may write any word there, `constructor` too. */
const ownValue = <T>(table: Readonly<Record<string, T>>, word: string): T | undefined =>
  Object.hasOwn(table, word) ? table[word] : undefined;
