import type { RecipientOutcome } from '../delivery/deliverer.ts';
import type { SimulatedMailbox } from '../delivery/simulator.ts';
import { type SmtpReply, toBounceType, toDelayType, toDiagnosticCode } from '../delivery/smtp-reply.ts';

/** SES's `eventType` and the object of the same event, without the `mail` object that every event has. */
export interface SesEvent {
  readonly eventType: 'Send' | 'Delivery' | 'Bounce' | 'Complaint' | 'DeliveryDelay' | 'Open' | 'Click';
  readonly body: Readonly<Record<string, unknown>>;
}

/** Time of an event, and the numbering of its feedback. */
export interface EventContext {
  readonly now: number;
  readonly acceptedAt: number;
  readonly feedbackId: () => string;
  readonly remoteIp: string;
}

const OUTBOUND_HOST = 'a8-50.smtp-out.amazonses.com';
const REPORTING_MTA = `dns; ${OUTBOUND_HOST}`;
/** Address at which the simulator's own mailboxes live (TEST-NET-1, RFC 5737). */
const SIMULATOR_IP = '192.0.2.25';

export const sendEvent = (): SesEvent => ({ eventType: 'Send', body: { send: {} } });

/** The events of one SMTP attempt, at most one per kind and sub-type; several recipients share an event. */
export function toEvents(outcomes: readonly RecipientOutcome[], context: EventContext): readonly SesEvent[] {
  return [...Map.groupBy(outcomes, groupKey).values()].map((group) => {
    const [first] = group;
    if (!first) throw new Error('an empty group of outcomes');
    if (first.kind === 'accepted') return deliveryEvent(group.map(recipientOf), first.reply.text, context);
    if (first.kind === 'refused') return bounceEvent(group, context);
    return delayEvent(group, context);
  });
}

const recipientOf = ({ recipient }: RecipientOutcome) => recipient;

function groupKey({ kind, reply }: RecipientOutcome): string {
  if (kind === 'accepted') return kind;
  if (kind === 'deferred') return `${kind} ${toDelayType(reply)}`;
  const { bounceType, bounceSubType } = toBounceType(reply);
  return `${kind} ${bounceType} ${bounceSubType}`;
}

function deliveryEvent(recipients: readonly string[], smtpResponse: string, context: EventContext): SesEvent {
  return {
    eventType: 'Delivery',
    body: {
      delivery: {
        timestamp: toTimestamp(context.now),
        processingTimeMillis: context.now - context.acceptedAt,
        recipients,
        smtpResponse,
        remoteMtaIp: context.remoteIp,
        reportingMTA: OUTBOUND_HOST,
      },
    },
  };
}

function bounceEvent(refused: readonly RecipientOutcome[], context: EventContext): SesEvent {
  const reply = refused[0]?.reply as SmtpReply;
  return {
    eventType: 'Bounce',
    body: {
      bounce: {
        feedbackId: context.feedbackId(),
        ...toBounceType(reply),
        bouncedRecipients: refused.map((outcome) => ({
          emailAddress: outcome.recipient,
          action: 'failed',
          status: outcome.reply.status,
          diagnosticCode: toDiagnosticCode(outcome.reply),
        })),
        timestamp: toTimestamp(context.now),
        remoteMtaIp: context.remoteIp,
        reportingMTA: REPORTING_MTA,
      },
    },
  };
}

/** Event of a delay; `expirationTime` is when the recipient is given up. */
function delayEvent(deferred: readonly RecipientOutcome[], context: EventContext): SesEvent {
  return {
    eventType: 'DeliveryDelay',
    body: {
      deliveryDelay: {
        timestamp: toTimestamp(context.now),
        delayType: toDelayType(deferred[0]?.reply as SmtpReply),
        expirationTime: toTimestamp(context.acceptedAt + GIVE_UP_MS),
        delayedRecipients: deferred.map((outcome) => ({
          emailAddress: outcome.recipient,
          status: outcome.reply.status,
          diagnosticCode: toDiagnosticCode(outcome.reply),
        })),
        reportingMTA: REPORTING_MTA,
      },
    },
  };
}

/** Time that a deferred recipient is tried again. SES itself takes 14 hours. */
export const GIVE_UP_MS = 600_000;

/** The bounce that ends a recipient deferred to the end. */
export const expiredEvent = (deferred: readonly RecipientOutcome[], context: EventContext): SesEvent => ({
  eventType: 'Bounce',
  body: {
    bounce: {
      feedbackId: context.feedbackId(),
      bounceType: 'Transient',
      bounceSubType: 'General',
      bouncedRecipients: deferred.map(({ recipient, reply }) => ({
        emailAddress: recipient,
        action: 'failed',
        status: '4.4.7',
        diagnosticCode: `smtp; 550 4.4.7 Message expired: unable to deliver in ${GIVE_UP_MS / 60_000} minutes.<${reply.text}>`,
      })),
      timestamp: toTimestamp(context.now),
      reportingMTA: REPORTING_MTA,
    },
  },
});

/** Events of the mailbox simulator's answers, in the order SES publishes them. */
export function simulatedEvents(
  mailbox: SimulatedMailbox,
  recipient: string,
  context: EventContext,
): readonly SesEvent[] {
  const atSimulator = { ...context, remoteIp: SIMULATOR_IP };
  const delivered = deliveryEvent([recipient], '250 2.6.0 Message received', atSimulator);
  if (mailbox === 'complaint') return [delivered, complaintEvent(recipient, context)];
  if (mailbox === 'ooto') return [delivered, autoReplyEvent(recipient, context)];
  if (mailbox === 'suppressionlist') return [suppressedEvent(recipient, context)];

  const text = `550 5.1.1 As requested: user unknown <${recipient}>`;
  const reply = { code: 550, status: '5.1.1', text };
  return [bounceEvent([{ kind: 'refused', recipient, reply }], atSimulator)];
}

const complaintEvent = (recipient: string, { now, feedbackId }: EventContext): SesEvent => ({
  eventType: 'Complaint',
  body: {
    complaint: {
      feedbackId: feedbackId(),
      complaintSubType: null,
      complainedRecipients: [{ emailAddress: recipient }],
      timestamp: toTimestamp(now),
      userAgent: 'Amazon SES Mailbox Simulator',
      complaintFeedbackType: 'abuse',
      arrivalDate: toTimestamp(now),
    },
  },
});

/** An out-of-office reply carries no delivery status notification, hence no status and no MTA. */
const autoReplyEvent = (recipient: string, { now, feedbackId }: EventContext): SesEvent => ({
  eventType: 'Bounce',
  body: {
    bounce: {
      feedbackId: feedbackId(),
      bounceType: 'Transient',
      bounceSubType: 'General',
      bouncedRecipients: [{ emailAddress: recipient }],
      timestamp: toTimestamp(now),
    },
  },
});

const suppressedEvent = (recipient: string, { now, feedbackId }: EventContext): SesEvent => ({
  eventType: 'Bounce',
  body: {
    bounce: {
      feedbackId: feedbackId(),
      bounceType: 'Permanent',
      bounceSubType: 'Suppressed',
      bouncedRecipients: [
        {
          emailAddress: recipient,
          action: 'failed',
          status: '5.1.1',
          diagnosticCode:
            'Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an ' +
            'invalid address. For more information about how to remove an address from the suppression list, see ' +
            'the Amazon SES Developer Guide: ' +
            'http://docs.aws.amazon.com/ses/latest/DeveloperGuide/remove-from-suppressionlist.html',
        },
      ],
      timestamp: toTimestamp(now),
      reportingMTA: 'dns; amazonses.com',
    },
  },
});

export const toTimestamp = (epochMs: number): string => new Date(epochMs).toISOString();
