import { dayOf } from '../base/days.ts';

/**
 * Number of shards of a day, in which a message's items live by its id alone. A UTC day spread over 32 shards
 * carries 32,000 written units a second (DynamoDB: 1,000 per partition key) — over 5,000 mails a second at
 * the 4 to 5 writes each of them makes.
 */
export const SHARD_COUNT = 32;

/** Epoch milliseconds in the first 48 bits of a UUIDv7 (RFC 9562 section 5.7). */
export function createdAtEpochMsOf(messageId: string): number {
  return Number.parseInt(messageId.slice(0, 8) + messageId.slice(9, 13), 16);
}

/** Shard of a message, from the random tail of the id, which a counter in the head cannot skew. */
function shardOf(messageId: string): number {
  return Number.parseInt(messageId.slice(-4), 16) % SHARD_COUNT;
}

export function bucketOf(tenant: string, messageId: string): string {
  return bucketName(tenant, dayOf(createdAtEpochMsOf(messageId)), shardOf(messageId));
}

export function bucketName(tenant: string, day: string, shard: number): string {
  return `${tenant}#${day}#${String(shard).padStart(2, '0')}`;
}

/** The smallest UUIDv7 text of a moment: a range of ids is a range of time. */
export function lowestIdAt(epochMs: number): string {
  const hex = Math.max(0, epochMs).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`;
}
