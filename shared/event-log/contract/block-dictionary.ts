/** An event of mail as it stands in a block, with no values where each mail has its own. */
const mailEvent = (type: string, marks: object, data: object): object => ({
  type,
  createdAt: '2026-11-23T12:00:00.000Z',
  stream: 'transactional',
  ...marks,
  data: {
    email_id: '',
    created_at: '2026-11-23T12:00:00.000Z',
    from: '',
    to: ['@example.com'],
    subject: '',
    tags: { category: '' },
    message_id: '<0100019-000000@email.amazonses.com>',
    ...data,
  },
});

const visit = {
  ipAddress: '',
  timestamp: '2026-11-23T12:00:00.000Z',
  userAgent:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/ Safari/537.36',
};

const bounce = {
  type: 'Permanent',
  subType: 'General',
  message: "The recipient's email provider sent a hard bounce message.",
  diagnosticCode: ['smtp; 550 5.1.1 '],
};

const suppressed = {
  type: 'OnAccountSuppressionList',
  reason: 'previous_bounce',
  message: 'The recipient is on the suppression list, and nothing was sent.',
  diagnosticCode: [],
};

/**
 * What blocks are compressed with: the names and words that payloads have, the most frequent last. Part of the format:
 * a letter that changes gives blocks a new version, or none of those that are stored can be read.
 */
export const BLOCK_DICTIONARY = Buffer.from(
  JSON.stringify([
    mailEvent('email.scheduled', {}, {}),
    mailEvent('email.failed', { recipientCount: 2, isInsteadOfSent: true }, { failed: { reason: '' } }),
    mailEvent('email.suppressed', { isInsteadOfSent: true }, { recipient: '', suppressed }),
    mailEvent('email.unsubscribed', {}, { recipient: '' }),
    mailEvent('email.complained', {}, { recipient: '' }),
    mailEvent('email.delivery_delayed', {}, { recipient: '' }),
    mailEvent('email.bounced', {}, { recipient: '', bounce }),
    mailEvent(
      'email.clicked',
      { isFirst: true },
      { recipient: '', click: { link: 'https://www.', ...visit } },
    ),
    mailEvent('email.opened', { isMachine: true }, { open: { ...visit, is_machine: true } }),
    mailEvent('email.sent', {}, {}),
    mailEvent('email.delivered', {}, { recipient: '@gmail.com' }),
  ]),
);
