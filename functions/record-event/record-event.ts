import { MS_PER_DAY } from '../../shared/base/durations.ts';
import type { JobQueue } from '../../shared/base/job-queue.ts';
import type { Clock, Log } from '../../shared/base/ports.ts';
import { outageWaitSeconds } from '../../shared/base/queue-delay.ts';
import type { SesReading } from '../../shared/feedback/contract/ses-notification.ts';
import type { EventJob, WaitingEvent } from '../../shared/feedback/contract/waiting-event.ts';
import type { DeliveryReport } from '../../shared/feedback/delivery-report.ts';
import type { Fact } from '../../shared/messages/delivery-event.ts';
import { createdAtEpochMsOf } from '../../shared/messages/message-bucket.ts';
import type { Messages } from '../../shared/messages/ports.ts';
import type { ReportedMail } from '../../shared/sending/reported-mail.ts';
import type { Tenants } from '../../shared/tenants/ports.ts';
import { followTenantStatus } from '../../shared/tenants/services/follow-tenant-status.ts';
import type { Outcomes } from './count-outcomes.ts';
import type { Feedback } from './record-feedback.ts';
import type { SentEvidence } from './record-sent.ts';

interface RecordEventDeps {
  readonly messages: Pick<Messages, 'appendFact'>;
  readonly sentEvidence: SentEvidence;
  readonly feedback: Feedback;
  readonly outcomes: Pick<Outcomes, 'countFact'>;
  readonly tenants: Pick<Tenants, 'read' | 'pause' | 'resume'>;
  readonly queue: Pick<JobQueue<WaitingEvent>, 'enqueue'>;
  /**
   * Tells whether an error means that a store cannot be used at the moment, so that waiting is all that
   * helps.
   */
  readonly isOutage: (error: unknown) => boolean;
  readonly messageKeepDays: number;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Records one SES event as facts. Returns once everything that follows from it is written; a repeat writes nothing new.
 * While a store is down the event waits as a copy of itself, which never counts towards the dead-letter queue.
 */
export function createRecordEvent(deps: RecordEventDeps) {
  return async ({ event, reading }: EventJob): Promise<void> => {
    try {
      await record(deps, reading);
    } catch (error) {
      if (!deps.isOutage(error)) throw error;
      await deps.queue.enqueue({ ...event, waits: event.waits + 1 }, outageWaitSeconds(event.waits));
      deps.log.error('event_requeued', { waits: event.waits + 1, error });
    }
  };
}

async function record(deps: RecordEventDeps, reading: SesReading): Promise<void> {
  if (reading.kind === 'unknown-type') {
    deps.log.warn('event_type_unknown', { eventType: reading.eventType });
    deps.log.count('EventsOfUnknownType', 1);
    return;
  }
  if (reading.kind === 'tenant-status') return followTenantStatus(reading.tenant, reading.isEnabled, deps);
  if (reading.kind === 'untagged' || !isKept(deps, reading.report.mail)) {
    deps.log.count('EventsUnmatched', 1);
    return;
  }
  const isMatched = await recordReport(deps, reading.report);
  if (!isMatched) deps.log.count('EventsUnmatched', 1);
}

/** Records a report; false if it is about a message that we do not have. */
function recordReport(deps: RecordEventDeps, report: DeliveryReport): Promise<boolean> {
  const expiresAtEpochSeconds = factExpiryOf(deps, report.mail);
  switch (report.kind) {
    case 'sent':
      return deps.sentEvidence.record(report, expiresAtEpochSeconds);
    case 'bounce':
    case 'complaint':
      return deps.feedback.record(report, expiresAtEpochSeconds);
    case 'facts':
      return appendAll(deps, report, expiresAtEpochSeconds);
  }
}

/**
 * Appends facts without a read: a sender with our configuration set that knows our ids is ourselves
 * (`docs/decisions/0003-event-paths.md`).
 */
async function appendAll(
  { messages, outcomes }: RecordEventDeps,
  { mail, facts }: DeliveryReport & { kind: 'facts' },
  expiresAtEpochSeconds: number,
): Promise<true> {
  const append = async (fact: Fact) => {
    const isNew = await messages.appendFact(mail.tenant, fact, expiresAtEpochSeconds);
    if (isNew) outcomes.countFact(fact);
  };
  await Promise.all(facts.map(append));
  return true;
}

/**
 * Tells whether a row is kept from the time that its mail was due: from the id, unless it was scheduled, and
 * SES took it after that.
 */
function isKept({ clock, messageKeepDays }: RecordEventDeps, mail: ReportedMail): boolean {
  const nowEpochMs = clock.nowEpochMs();
  const isFromLater = createdAtEpochMsOf(mail.messageId) - nowEpochMs >= MS_PER_DAY;
  return nowEpochMs - mail.sentAtEpochMs < messageKeepDays * MS_PER_DAY && !isFromLater;
}

/** Time at which a fact expires: with the message, or a little after it. */
function factExpiryOf({ messageKeepDays }: RecordEventDeps, { sentAtEpochMs }: ReportedMail): number {
  return Math.floor((sentAtEpochMs + messageKeepDays * MS_PER_DAY) / 1000);
}
