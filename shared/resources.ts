/**
 * Names, shapes and bounds that infra, the functions and the local cloud must agree on.
 */

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

/** The table of addresses that must not be mailed. It never expires. */
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

/** Every table, under the name that it has in the store. */
export const TABLES = {
  messages: MESSAGES_TABLE,
  suppressions: SUPPRESSIONS_TABLE,
  catalog: CATALOG_TABLE,
  events: EVENTS_TABLE,
} as const satisfies Readonly<Record<string, TableShape>>;

/** Key under which the deployment leaves the first API key (attribute `token`) until that key is deleted. */
export const BOOTSTRAP_TOKEN_KEY = { collection: 'deployment', item: 'bootstrap-token' } as const;

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

/** Days ahead that mail may be scheduled. */
export const MAX_SCHEDULE_DAYS = 30;

/**
 * Number of receives: a record that fails this often is poison and moves to its dead-letter queue; waiting
 * never counts.
 */
export const MAX_RECEIVE_COUNT = 5;
