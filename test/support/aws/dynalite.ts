import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { createInProcessHop } from '../../../local/src/emulators/in-process-hop.ts';
import { TABLES } from '../../../shared/resources.ts';
import { eventually } from '../base/eventually.ts';

/**
 * A real DynamoDB emulator in memory with our tables, named as in the store: `messages`, `suppressions`, `catalog` and
 * `events`. It sends no old item with a failed condition, as DynamoDB does. The client reaches it without a socket,
 * which saves half of the work; other processes reach it at `client.config.endpoint`.
 */
export async function startDynalite(): Promise<{ client: DynamoDBClient; stop: () => Promise<void> }> {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: createInProcessHandler(server),
  });
  await Promise.all(Object.entries(TABLES).map(([name, shape]) => createTable(client, name, shape)));
  const stop = async () => {
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { client, stop };
}

interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What the SDK asks of a request handler, by way of the server's own listener. */
function createInProcessHandler(server: Server) {
  const hop = createInProcessHop(server);
  return {
    handle: async ({ method, path, headers, body = '' }: SdkRequest) => {
      const answer = await hop.send({ method, path, headers, body: Buffer.from(body) });
      return {
        response: {
          statusCode: answer.status,
          headers: { ...answer.headers },
          body: Readable.from([answer.body]),
        },
      };
    },
    destroy: () => hop.close(),
  };
}

async function createTable(
  client: DynamoDBClient,
  TableName: string,
  { partitionKey, sortKey }: { readonly partitionKey: string; readonly sortKey: string },
): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: partitionKey, KeyType: 'HASH' },
        { AttributeName: sortKey, KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [partitionKey, sortKey].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S',
      })),
    }),
  );
  // The SDK's own waiter asks once a second.
  await eventually(async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    assert.equal(Table?.TableStatus, 'ACTIVE');
  });
}
