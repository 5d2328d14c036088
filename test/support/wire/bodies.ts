import { eventIdOf } from '../../../shared/events/published-event.ts';
import { parseEventJob } from '../../../shared/feedback/contract/waiting-event.ts';
import { fetchJob, type SendJob, sendJob } from '../../../shared/messages/contract/queue-body.ts';
import { releaseJob } from '../../../shared/scheduling/contract/release-job.ts';
import { webhookQueueJob } from '../../../shared/webhooks/contract/webhook-job.ts';
import { anId, NOON } from '../messages/message-builders.ts';

/** One kind of queue body: as this version writes it, and its reader. */
interface BodyKind {
  /** Of its fixture: `<kind>-v<version>`. */
  readonly name: string;
  readonly body: unknown;
  readonly parse: (value: unknown) => unknown;
}

const attachment = {
  attachmentId: 'a1',
  filename: 'a.pdf',
  contentType: 'application/pdf',
  contentId: 'logo',
  objectKey: 'attachments/m/a1',
  sizeBytes: 4,
};
const toFetch = {
  attachmentId: 'a2',
  filename: 'b.pdf',
  contentType: 'application/pdf',
  objectKey: 'fetched/m/a2',
  url: 'https://example.com/b.pdf',
};
const content = {
  html: '<p>Hi</p>',
  text: 'Hi',
  headers: { 'X-A': '1' },
  attachments: [attachment, toFetch],
};

const job: SendJob = {
  version: 2,
  messageId: anId(NOON, 1),
  tenant: 'default',
  stream: 'transactional',
  recipientDomains: ['example.net', 'gmail.com'],
  waits: 0,
  content: { kind: 'table' },
};

const sendJobs: Readonly<Record<string, SendJob>> = {
  'send-job-inline-v2': { ...job, content: { kind: 'inline', content } },
  'send-job-object-v2': {
    ...job,
    content: { kind: 'object', objectKey: 'content/m' },
    fetched: [{ ...attachment, attachmentId: 'a2', objectKey: 'fetched/m/a2' }],
  },
  'send-job-table-v2': {
    ...job,
    waits: 3,
    scheduledAtEpochMs: NOON + 60_000,
    deferredUntilEpochMs: NOON + 1_800_000,
  },
  'send-job-unavailable-v2': {
    ...job,
    content: { kind: 'unavailable', reason: 'attachment_not_fetched: 404' },
  },
  'send-job-after-outage-v2': { ...job, waits: 4, waitedOutOutage: true },
  'send-job-with-receipt-v2': {
    ...job,
    waits: 1,
    waitedOutOutage: true,
    sendReceipt: {
      attempt: 1,
      sesMessageId: 'ses-1',
      sentAtEpochMs: NOON + 2_000,
      suppressedRecipients: ['bob@example.net'],
    },
  },
};

const notification = {
  eventType: 'Delivery',
  mail: {
    timestamp: '2026-12-01T12:00:02.000Z',
    messageId: 'ses-1',
    destination: ['ann@example.net'],
    tags: {
      'postlane-message-id': [anId(NOON, 1)],
      'postlane-tenant': ['default'],
      'postlane-attempt': ['1'],
    },
  },
  delivery: {
    timestamp: '2026-12-01T12:00:05.000Z',
    recipients: ['ann@example.net'],
    smtpResponse: '250 OK',
  },
};

const event = {
  id: eventIdOf(NOON, 'a fact'),
  type: 'email.delivered',
  createdAt: '2026-12-01T12:00:05.000Z',
  data: { email_id: anId(NOON, 1), to: ['ann@example.net'] },
};

export const BODIES: readonly BodyKind[] = [
  ...Object.entries(sendJobs).map(([name, body]) => ({
    name,
    body,
    parse: (value: unknown) => sendJob.parse(value),
  })),
  {
    name: 'fetch-job-v2',
    body: { version: 2, job: sendJobs['send-job-inline-v2'], attachments: content.attachments },
    parse: (value) => fetchJob.parse(value),
  },
  {
    name: 'release-job-v1',
    body: { version: 1, minute: '2026-12-01T12:00', shard: 7, after: '000001764590400000#x', waits: 1 },
    parse: (value) => releaseJob.parse(value),
  },
  {
    name: 'webhook-deliver-job-v2',
    body: {
      version: 2,
      kind: 'deliver',
      tenant: 'default',
      webhookId: anId(NOON, 2),
      event,
      position: { partition: 1, block: 3, index: 2 },
      attempts: 4,
      queue: 'quick',
      waits: 2,
      isReplay: true,
    },
    parse: (value) => webhookQueueJob.parse(value),
  },
  {
    name: 'webhook-replay-job-v2',
    body: {
      version: 2,
      kind: 'replay',
      tenant: 'default',
      webhookId: anId(NOON, 2),
      which: 'failed',
      fromEpochMs: NOON - 3_600_000,
      untilEpochMs: NOON,
      after: 'msg_1',
      queue: 'slow',
      waits: 1,
    },
    parse: (value) => webhookQueueJob.parse(value),
  },
  { name: 'ses-event-v1', body: notification, parse: parseEventJob },
  { name: 'waiting-event-v1', body: { version: 1, waits: 3, notification }, parse: parseEventJob },
];
