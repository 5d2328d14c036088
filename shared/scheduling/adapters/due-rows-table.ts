import { DeleteItemCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { SECONDS_PER_DAY } from '../../base/durations.ts';
import { inParallel } from '../../base/services/in-parallel.ts';
import { type Key, toItem } from '../../messages/adapters/messages-table-codec.ts';
import { type DueRow, type DueRows, dueIdOf } from '../contract/due-rows.ts';
import { dueBucketOf, dueItemOf, dueMinuteOf, dueShardOf } from '../due-row.ts';
import type { DueMinutesTable } from './due-minutes.ts';

export interface DueRowsOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

const WRITES_AT_ONCE = 25;

/**
 * Seconds that a row is kept: none is asked for once the last look at its minute, two days after it, is over.
 */
const KEPT_SECONDS = 3 * SECONDS_PER_DAY;

/**
 * Stores rows in the messages table, and the minutes there are in the catalog. `due-rows-reader.ts` reads
 * them.
 */
export function createDueRows({
  client,
  tableName: TableName,
  minutes,
}: DueRowsOptions & { readonly minutes: Pick<DueMinutesTable, 'mark'> }): Pick<DueRows, 'put' | 'remove'> {
  const putRow = async (row: DueRow): Promise<void> => {
    await client.send(new PutItemCommand({ TableName, Item: fromDueRow(row) }));
  };

  return {
    async put(rows) {
      const byMinute = Map.groupBy(rows, ({ dueEpochMs }) => dueMinuteOf(dueEpochMs));
      await inParallel([...byMinute], WRITES_AT_ONCE, ([minute, own]) =>
        minutes.mark(minute, new Set(own.map(({ work }) => dueShardOf(dueIdOf(work))))),
      );
      await inParallel(rows, WRITES_AT_ONCE, putRow);
    },

    async remove(dueEpochMs, messageId) {
      await client.send(new DeleteItemCommand({ TableName, Key: marshall(dueKeyOf(dueEpochMs, messageId)) }));
    },
  };
}

export const dueKeyOf = (dueEpochMs: number, dueId: string): Key => ({
  bucket: dueBucketOf(dueMinuteOf(dueEpochMs), dueShardOf(dueId)),
  item: dueItemOf(dueEpochMs, dueId),
});

function fromDueRow({ dueEpochMs, work }: DueRow) {
  const expiresAtEpochSeconds = Math.floor(dueEpochMs / 1000) + KEPT_SECONDS;
  return toItem({ ...dueKeyOf(dueEpochMs, dueIdOf(work)), dueEpochMs, work, expiresAtEpochSeconds });
}
