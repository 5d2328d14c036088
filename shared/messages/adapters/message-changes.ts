import * as z from 'zod/mini';
import type { RowImages } from '../../events/stored-change.ts';
import type { MessageChange } from '../message-change.ts';
import { isMessageRow, keyOf, tenantOfBucket, toFact, toMessage } from './messages-table-codec.ts';

const batchRecord = z.object({
  state: z.literal('committed'),
  scheduled: z.object({ tenant: z.string(), messageIds: z.array(z.string()) }),
});

/**
 * An item of the messages table in our words; undefined where there is nothing to tell. What is removed has expired, or was
 * never accepted.
 * @throws for an item that is not what this version writes
 */
export function readMessageChange({ before, after }: RowImages): MessageChange | undefined {
  if (after === undefined) return undefined;
  const { bucket } = keyOf(after);
  if (bucket.startsWith('batch#')) return readBatch(after);
  if (typeof after.kind === 'string') {
    return { kind: 'fact', tenant: tenantOfBucket(bucket), fact: toFact(after) };
  }
  if (typeof after.status !== 'string' || !isMessageRow(after)) return undefined;
  const isRow = before !== undefined && isMessageRow(before);
  return { kind: 'message', before: isRow ? toMessage(before) : undefined, after: toMessage(after) };
}

function readBatch(record: object): MessageChange | undefined {
  const batch = batchRecord.safeParse(record);
  return batch.success ? { kind: 'batch-committed', ...batch.data.scheduled } : undefined;
}
