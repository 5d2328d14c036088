import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Messages } from '../ports.ts';
import { createMessageDays } from './message-days.ts';
import { createMessageRecords } from './messages-table-records.ts';
import { createMessageRows } from './messages-table-rows.ts';
import { createMessageWindows } from './messages-table-windows.ts';

interface MessagesTableOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/** Operations with the id of a message at hand: without the catalog of days. */
type SingleMessages = Omit<Messages, 'putMessageIfAbsent' | 'listMessages' | 'queryWindow'>;

/**
 * Creates the table for functions that work on messages they are told of; their role needs the messages table
 * alone.
 */
export function createSingleMessages({ client, tableName }: MessagesTableOptions): SingleMessages {
  const { putMessageIfAbsent: _put, ...rows } = createMessageRows(client, tableName);
  return { ...rows, ...createMessageRecords(client, tableName) };
}

/**
 * Creates all of it: storing new messages and finding them by time also need the catalog, which knows the
 * days there are.
 */
export function createMessagesTable(
  options: MessagesTableOptions & { readonly catalogTableName: string },
): Messages {
  const { client, tableName } = options;
  const days = createMessageDays(client, options.catalogTableName);
  const rows = createMessageRows(client, tableName);
  return {
    ...rows,
    ...createMessageRecords(client, tableName),
    ...createMessageWindows(client, tableName, days),
    async putMessageIfAbsent(message) {
      await days.remember(message.tenant, message.messageId);
      return rows.putMessageIfAbsent(message);
    },
  };
}
