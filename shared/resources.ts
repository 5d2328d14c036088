/**
 * Names and shapes that the templates, the functions and the local cloud must agree on.
 */

/** Folder names under `functions/`; each is also the value of `POSTLANE_FUNCTION` in that function's environment. */
export const FUNCTION_NAMES = [
  'accept-message',
  'control-api',
  'fetch-attachments',
  'send-message',
  'record-event',
  'publish-events',
  'sweep',
  'release-due',
  'deliver-webhook',
  'tail-events',
  'create-bootstrap-key',
] as const;

export type FunctionName = (typeof FUNCTION_NAMES)[number];

/**
 * Functions with a URL of their own, by folder, and the path at which the local cloud serves it, on the API's host. On AWS
 * the URL has a host for itself, and every path of it leads to the function.
 */
export const FUNCTION_URL_PATHS = { 'tail-events': '/event-log/stream' } as const;

/** Key attributes of a table. Attributes are strings unless said otherwise. */
export interface TableShape {
  readonly partitionKey: string;
  readonly sortKey: string;
  /** Epoch seconds; DynamoDB deletes the item some time after. */
  readonly timeToLiveAttribute?: string;
}

/** Messages, their facts and content, idempotency and batch records, failure records: everything that expires. */
export const MESSAGES_TABLE = {
  partitionKey: 'bucket',
  sortKey: 'item',
  timeToLiveAttribute: 'expiresAtEpochSeconds',
} as const satisfies TableShape;

/** Addresses that must not be mailed. Never expires. */
export const SUPPRESSIONS_TABLE = { partitionKey: 'subject', sortKey: 'item' } as const satisfies TableShape;

/** API keys, the signing key, sweep cursors: low volume. */
export const CATALOG_TABLE = { partitionKey: 'collection', sortKey: 'item' } as const satisfies TableShape;

/**
 * The event log, the counters folded from it, and what became of webhook deliveries: everything that follows from facts.
 * `log#<tenant>#<partition>`, `metrics#<tenant>`, `webhook#<webhookId>`, `first#<tenant>#<messageId>`.
 */
export const EVENTS_TABLE = {
  partitionKey: 'bucket',
  sortKey: 'item',
  timeToLiveAttribute: 'expiresAtEpochSeconds',
} as const satisfies TableShape;

/** Where the deployment leaves the first API key (attribute `token`) until that key is deleted. */
export const BOOTSTRAP_TOKEN_KEY = { collection: 'deployment', item: 'bootstrap-token' } as const;

/** The secret that API key tokens are signed with (attribute `secret`, base64). */
export const SIGNING_KEY_KEY = { collection: 'signing-key', item: 'current' } as const;

/** Every catalog collection; roles are bound to the ones they need by `dynamodb:LeadingKeys`. */
export const CATALOG_COLLECTIONS = {
  deployment: 'deployment',
  signingKey: 'signing-key',
  apiKeys: 'api-keys',
  sweepCursors: 'sweep-cursors',
  messageDays: 'message-days',
  domains: 'domains',
  domainNames: 'domain-names',
  streams: 'streams',
  account: 'account',
  pace: 'pace',
  warmUp: 'warm-up',
  reputation: 'reputation',
  dueMinutes: 'due-minutes',
  tenants: 'tenants',
  tenantUsage: 'tenant-usage',
  webhooks: 'webhooks',
  webhookHealth: 'webhook-health',
  tailViewers: 'tail-viewers',
} as const;

/** Prefixes of the content bucket. `fetched/` is the only one that `fetch-attachments` may write. */
export const CONTENT_PREFIXES = {
  bodies: 'content/',
  uploaded: 'attachments/',
  fetched: 'fetched/',
  /** Bodies and uploads of mail that waits for its time: kept that much longer. */
  scheduled: 'scheduled/',
} as const;

/** How far ahead mail may be scheduled. */
export const MAX_SCHEDULE_DAYS = 30;

/** Environment variable names, per function. `infra/` sets exactly these; each handler parses exactly these. */
export const ENVIRONMENT = {
  'accept-message': [
    'MESSAGES_TABLE_NAME',
    'CATALOG_TABLE_NAME',
    'CONTENT_BUCKET_NAME',
    'STREAMS',
    'ATTACHMENT_QUEUE_URL',
    'SENDING_DOMAINS',
    'MESSAGE_KEEP_DAYS',
  ],
  'control-api': [
    'MESSAGES_TABLE_NAME',
    'CATALOG_TABLE_NAME',
    'SUPPRESSIONS_TABLE_NAME',
    'EVENTS_TABLE_NAME',
    'SLOW_WEBHOOK_QUEUE_URL',
    'CONTENT_BUCKET_NAME',
    'STREAMS',
    'ATTACHMENT_QUEUE_URL',
    'SENDING_DOMAINS',
    'MESSAGE_KEEP_DAYS',
  ],
  'fetch-attachments': ['CONTENT_BUCKET_NAME', 'STREAMS'],
  'send-message': [
    'MESSAGES_TABLE_NAME',
    'CATALOG_TABLE_NAME',
    'SUPPRESSIONS_TABLE_NAME',
    'CONTENT_BUCKET_NAME',
    'STREAMS',
    'PUBLIC_URL',
    'MESSAGE_KEEP_DAYS',
    'FUNCTION_TIMEOUT_SECONDS',
  ],
  'record-event': [
    'MESSAGES_TABLE_NAME',
    'CATALOG_TABLE_NAME',
    'SUPPRESSIONS_TABLE_NAME',
    'EVENT_QUEUE_URL',
    'STREAMS',
    'MESSAGE_KEEP_DAYS',
  ],
  'publish-events': [
    'MESSAGES_TABLE_NAME',
    'SUPPRESSIONS_TABLE_NAME',
    'CATALOG_TABLE_NAME',
    'EVENTS_TABLE_NAME',
    'WEBHOOK_QUEUE_URL',
    'STREAMS',
  ],
  sweep: [
    'MESSAGES_TABLE_NAME',
    'CATALOG_TABLE_NAME',
    'EVENTS_TABLE_NAME',
    'CONTENT_BUCKET_NAME',
    'STREAMS',
    'ATTACHMENT_QUEUE_URL',
    'RELEASE_QUEUE_URL',
    'SENDING_DOMAINS',
  ],
  'release-due': [
    'MESSAGES_TABLE_NAME',
    'STREAMS',
    'ATTACHMENT_QUEUE_URL',
    'RELEASE_QUEUE_URL',
    'SLOW_WEBHOOK_QUEUE_URL',
  ],
  'deliver-webhook': [
    'MESSAGES_TABLE_NAME',
    'CATALOG_TABLE_NAME',
    'EVENTS_TABLE_NAME',
    'WEBHOOK_QUEUE_URL',
    'SLOW_WEBHOOK_QUEUE_URL',
  ],
  'tail-events': ['EVENTS_TABLE_NAME', 'CATALOG_TABLE_NAME', 'STREAMS', 'TAIL_VIEWERS'],
  'create-bootstrap-key': ['CATALOG_TABLE_NAME'],
} as const satisfies Record<FunctionName, readonly string[]>;

/** Message tags that `send-message` puts on every mail (SES: name and value `[A-Za-z0-9_-]`, ≤ 256 characters). A row's key needs tenant and id. */
export const MESSAGE_TAGS = {
  messageId: 'postlane-message-id',
  tenant: 'postlane-tenant',
  attempt: 'postlane-attempt',
} as const;

/** A record that fails this often is poison and moves to its dead-letter queue; waiting never counts. */
export const MAX_RECEIVE_COUNT = 5;
