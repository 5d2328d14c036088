import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

export interface DisturbedClient {
  /** Every call since the last `heal`. */
  readonly calls: { readonly name: string; readonly input: Record<string, unknown> }[];
  /** Calls with this number (from 0) and all after it fail before they are done, as if the process had died. */
  failFrom(call: number): void;
  /** The next batch reads give every key back unread. */
  leaveUnread(reads: number): void;
  heal(): void;
}

/** Puts itself between a client and its emulator; remembers all calls, and disturbs them when told to. */
export function disturb(client: DynamoDBClient): DisturbedClient {
  const calls: { name: string; input: Record<string, unknown> }[] = [];
  let failingFrom = Number.POSITIVE_INFINITY;
  let unreadReads = 0;

  client.middlewareStack.add(
    (next, context) => async (args) => {
      const input = args.input as Record<string, unknown>;
      calls.push({ name: String(context.commandName), input });
      if (calls.length > failingFrom) throw new Error('The process is gone.');
      if (context.commandName === 'BatchGetItemCommand' && unreadReads > 0) {
        unreadReads -= 1;
        return {
          output: { $metadata: {}, Responses: {}, UnprocessedKeys: input.RequestItems },
          response: {},
        } as never;
      }
      return next(args);
    },
    { step: 'initialize', name: 'disturb' },
  );

  return {
    calls,
    failFrom: (call) => {
      calls.length = 0;
      failingFrom = call;
    },
    leaveUnread: (reads) => {
      unreadReads = reads;
    },
    heal: () => {
      calls.length = 0;
      failingFrom = Number.POSITIVE_INFINITY;
      unreadReads = 0;
    },
  };
}
