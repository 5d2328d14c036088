import type { WebhookData, WebhookPayload } from '../../../shared/event-catalog/contract/payloads.ts';
import type { PublishedEventType } from '../../../shared/event-catalog/contract/published-types.ts';
import { anId, NOON } from '../messages/message-builders.ts';

const time = new Date(NOON).toISOString();

const email: WebhookData<'email.sent'> = {
  email_id: anId(),
  message_id: '<0100019ab-ses@email.amazonses.com>',
  created_at: time,
  from: 'Acme <hello@example.com>',
  to: ['reader@example.org'],
  subject: 'Hello',
  tags: { category: 'welcome' },
};

const toOne = { ...email, recipient: 'reader@example.org' };
const visit = { timestamp: time, ipAddress: '192.0.2.1', userAgent: 'Mozilla/5.0' };

const domain: WebhookData<'domain.created'> = {
  ...{ id: anId(NOON, 2), name: 'acme.io', status: 'pending', created_at: time, region: 'us-east-1' },
  records: [
    {
      ...{ record: 'SPF', name: 'send', type: 'MX', ttl: 'Auto', status: 'not_started' },
      ...{ value: 'feedback-smtp.us-east-1.amazonses.com', priority: 10 },
    },
  ],
};

const suppression: WebhookData<'suppression.added'> = {
  ...{
    id: anId(NOON, 3),
    email: 'reader@example.org',
    origin: 'bounce',
    source_id: anId(),
    created_at: time,
  },
};

const diagnosticCode = ['smtp; 550 5.1.1 user unknown'];

/** What a subscriber may be sent, one of each type. */
export const SAMPLE_DATA: { readonly [Type in PublishedEventType]: WebhookData<Type> } = {
  'email.scheduled': { ...email, message_id: null },
  'email.sent': email,
  'email.delivered': toOne,
  'email.delivery_delayed': toOne,
  'email.bounced': {
    ...toOne,
    bounce: { type: 'Permanent', subType: 'General', message: 'No such mailbox.', diagnosticCode },
  },
  'email.complained': toOne,
  'email.suppressed': {
    ...toOne,
    suppressed: {
      ...{ type: 'OnAccountSuppressionList', reason: 'previous_bounce' },
      ...{ message: 'The address is suppressed.', diagnosticCode: [] },
    },
  },
  'email.failed': { ...email, message_id: null, failed: { reason: 'content_not_kept' } },
  'email.opened': { ...toOne, open: { ...visit, is_machine: true } },
  'email.clicked': { ...toOne, click: { link: 'https://example.com/', ...visit } },
  'email.unsubscribed': toOne,
  'domain.created': domain,
  'domain.updated': { ...domain, status: 'verified' },
  'domain.deleted': domain,
  'suppression.added': suppression,
  'suppression.removed': { ...suppression, origin: 'manual', source_id: null },
};

export const samplePayload = (type: PublishedEventType): WebhookPayload =>
  ({ type, created_at: time, data: SAMPLE_DATA[type] }) as WebhookPayload;
