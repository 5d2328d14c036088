import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import type { Suppression } from '../domain/suppression.ts';

/** Every key of the suppressions table is built here. One scope so far: the account. */
export interface Key {
  readonly subject: string;
  readonly item: string;
}

const SCOPE = 'account';
export const LISTING_SUBJECT = SCOPE;

/** The truth about one address; alone in its partition, since every mail reads it. */
export const entryKey = (address: string): Key => ({ subject: `${SCOPE}#${address}`, item: 'entry' });

export const listingKey = (suppressionId: string): Key => ({ subject: LISTING_SUBJECT, item: suppressionId });

/** The address of an entry's key. */
export const addressOf = (subject: string): string => subject.slice(SCOPE.length + 1);

const origin = z.enum(['bounce', 'complaint', 'manual']);
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
export const fromEntry = (entry: Suppression) => toItem(entryKey(entry.address), entry);
export const fromListing = (entry: Suppression) => toItem(listingKey(entry.suppressionId), entry);

const toItem = (key: Key, entry: Suppression) =>
  marshall({ ...key, ...entry }, { removeUndefinedValues: true });
