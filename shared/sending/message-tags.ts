/** Message tags that `send-message` puts on every mail (SES: name and value `[A-Za-z0-9_-]`, ≤ 256 characters). A row's key needs tenant and id. */
export const MESSAGE_TAGS = {
  messageId: 'postlane-message-id',
  tenant: 'postlane-tenant',
  attempt: 'postlane-attempt',
} as const;
