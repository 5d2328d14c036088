import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import type { Suppression } from '../suppression.ts';
import type { SuppressionScope } from '../suppression-scope.ts';

/** A key of the suppressions table; every one of them is built here. */
export interface Key {
  readonly subject: string;
  readonly item: string;
}

/** The truth about one address in one scope; alone in its partition, since every mail reads it. */
export const entryKey = (scope: SuppressionScope, address: string): Key => ({
  subject: `${scope}#${address}`,
  item: 'entry',
});

export const listingKey = (scope: SuppressionScope, suppressionId: string): Key => ({
  subject: scope,
  item: suppressionId,
});

/** The scope of an entry's key. */
export const scopeOfEntry = (subject: string): SuppressionScope => subject.slice(0, subject.indexOf('#'));

/** The address of an entry's key: a scope has no `#`, an address may have one. */
export const addressOf = (subject: string): string => subject.slice(subject.indexOf('#') + 1);

const origin = z.enum(['bounce', 'complaint', 'manual', 'unsubscribe']);
const cause = z.object({
  origin,
  sourceMessageId: z.exactOptional(z.string()),
  reason: z.exactOptional(z.string()),
});

const row = z.object({
  suppressionId: z.string(),
  address: z.string(),
  origin,
  sourceMessageId: z.exactOptional(z.string()),
  createdAt: z.string(),
  reason: z.exactOptional(z.string()),
  also: z.exactOptional(z.array(cause)),
  revision: z.exactOptional(z.number()),
});

export const toSuppression = (item: Record<string, unknown>): Suppression => row.parse(item);
export const fromEntry = (scope: SuppressionScope, entry: Suppression) =>
  toItem(entryKey(scope, entry.address), entry);
export const fromListing = (scope: SuppressionScope, entry: Suppression) =>
  toItem(listingKey(scope, entry.suppressionId), entry);

const toItem = (key: Key, entry: Suppression) =>
  marshall({ ...key, ...entry }, { removeUndefinedValues: true });
