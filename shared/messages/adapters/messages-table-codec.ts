import { createHash } from 'node:crypto';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { type Fact, factKey } from '../delivery-event.ts';
import type { Message } from '../message.ts';
import { bucketOf } from '../message-bucket.ts';

/** A key of the messages table; every one of them is built here. */
export interface Key {
  readonly bucket: string;
  readonly item: string;
}

/** Size limit of a sort key: it may have 1,024 bytes; a clicked link is longer at times. */
const MAX_SORT_KEY_BYTES = 1024;

export const messageKey = (tenant: string, messageId: string): Key => ({
  bucket: bucketOf(tenant, messageId),
  item: messageId,
});

function factItemKey(tenant: string, fact: Fact): Key {
  const item = `${fact.messageId}#${factKey(fact)}`;
  const bucket = bucketOf(tenant, fact.messageId);
  if (Buffer.byteLength(item) <= MAX_SORT_KEY_BYTES) return { bucket, item };
  return { bucket, item: `${fact.messageId}#${fact.kind}#${fact.attempt}#${sha256(factKey(fact))}` };
}

export const contentKey = (messageId: string): Key => ({ bucket: `content#${messageId}`, item: 'content' });

export const idempotencyKey = (tenant: string, key: string): Key => ({
  bucket: `idempotency#${tenant}#${sha256(key)}`,
  item: 'record',
});

export const batchKey = (batchId: string): Key => ({ bucket: `batch#${batchId}`, item: 'record' });

export const failureKey = (recordId: string): Key => ({
  bucket: `failure#${recordId}`,
  item: 'record',
});

const texts = z._default(z.array(z.string()), []);
const text = z.exactOptional(z.string());
const number = z.exactOptional(z.number());

/**
 * Says no version, because an update bills the whole row: without one it is the form of `message-row-v2` in
 * `test/fixtures/wire`, which is read for as long as rows are kept. Attributes are only ever added, as optional ones.
 */
const messageRow = z.object({
  stream: z.string(),
  from: z.string(),
  to: z.array(z.string()),
  cc: texts,
  bcc: texts,
  replyTo: texts,
  subject: z.string(),
  tags: z._default(z.array(z.object({ name: z.string(), value: z.string() })), []),
  tracking: z.exactOptional(z.object({ opens: z.boolean(), clicks: z.boolean() })),
  batchId: text,
  contentKeptUntilEpochSeconds: number,
  expiresAtEpochSeconds: z.number(),
  scheduledAtEpochMs: number,
  deferredUntilEpochMs: number,
  status: z.enum(['accepted', 'scheduled', 'canceled', 'sending', 'unknown', 'sent', 'suppressed', 'failed']),
  statusReason: text,
  attempt: z.number(),
  leaseUntilEpochMs: number,
  unknownSinceEpochMs: number,
  sesMessageId: text,
  sentAtEpochMs: number,
  endedAtEpochMs: number,
  suppressedRecipients: z.exactOptional(z.array(z.string())),
});

/**
 * Shape of a fact, which is checked where facts are made; here it is enough to know that the item is a fact
 * at all, of some time.
 */
const factRow = z.looseObject({
  kind: z.string(),
  occurredAt: z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)))),
  attempt: z.number(),
  sesMessageId: z.string(),
});

/**
 * Reads a message: `bucket` is `<tenant>#<day>#<shard>`, and `item` the message id; neither is stored twice.
 */
export function toMessage(row: Record<string, unknown>): Message {
  const { bucket, item } = keyOf(row);
  return { messageId: item, tenant: tenantOfBucket(bucket), ...messageRow.parse(row) };
}

/** Tenant of a message's bucket, which its facts are in as well. */
export const tenantOfBucket = (bucket: string): string => bucket.split('#').slice(0, -2).join('#');

export function toFact(row: Record<string, unknown>): Fact {
  const { item } = keyOf(row);
  const { bucket: _bucket, item: _item, expiresAtEpochSeconds: _expiry, ...fact } = factRow.parse(row);
  return { ...fact, messageId: messageIdOf(item) } as unknown as Fact;
}

/**
 * Makes the row, without empty lists and without what the key says: an update bills the whole row, and it has
 * 1 KB to stay in.
 */
export function fromMessage({ messageId, tenant, ...rest }: Message) {
  const values = Object.entries(rest).filter(([, value]) => !(Array.isArray(value) && value.length === 0));
  return toItem({ ...messageKey(tenant, messageId), ...Object.fromEntries(values) });
}

export function fromFact(tenant: string, fact: Fact, expiresAtEpochSeconds: number) {
  const { messageId: _messageId, ...rest } = fact;
  return toItem({ ...factItemKey(tenant, fact), ...rest, expiresAtEpochSeconds });
}

export const toItem = (value: object) => marshall(value, { removeUndefinedValues: true });

export const isMessageRow = (row: Record<string, unknown>): boolean =>
  !keyOf(row).item.includes('#') && !isFence(row);

/** Tells whether a row is a fence, which stands where a message must never be stored. */
export const isFence = (row: Record<string, unknown>): boolean => row.isFence === true;

export const messageIdOf = (item: string): string => item.slice(0, 36);

export function keyOf(row: Record<string, unknown>): Key {
  return { bucket: String(row.bucket), item: String(row.item) };
}

const sha256 = (value: string): string => createHash('sha256').update(value).digest('hex');
