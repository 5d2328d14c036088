import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import dynalite from 'dynalite';
import type { Assembly, HostedResource } from '../assembly/assembly.ts';
import { createHop, type Hop } from '../emulators/http-hop.ts';
import { createInProcessHop } from '../emulators/in-process-hop.ts';

export interface DynamoDbEmulator {
  readonly hop: Hop;
  /** A call past the gateway: neither authorised nor billed. */
  call<T>(operation: string, input: unknown): Promise<T>;
  close(): Promise<void>;
}

interface DynamoDbOptions {
  /** The DynamoDB to use instead of dynalite (the SDK's own variable names it). */
  readonly endpoint?: string;
  readonly dataDir?: string;
}

/** Starts dynalite, or joins the DynamoDB that is named, and makes the template's tables. */
export async function startDynamoDb(assembly: Assembly, options: DynamoDbOptions): Promise<DynamoDbEmulator> {
  const own = options.endpoint === undefined ? await startDynalite(options.dataDir) : undefined;
  const hop = own?.hop ?? createHop(options.endpoint ?? '');
  const call = <T>(operation: string, input: unknown) => callDynamoDb<T>(hop, operation, input);

  for (const table of assembly.byType('AWS::DynamoDB::Table')) await createTable(table, call);

  return {
    hop,
    call,
    close: async () => {
      hop.close();
      await own?.close();
    },
  };
}

/** Listens although no client connects: dynalite closes its store only where it listened. */
async function startDynalite(dataDir: string | undefined) {
  const path = dataDir === undefined ? {} : { path: join(dataDir, 'dynamodb') };
  const server = dynalite({ ...path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    hop: createInProcessHop(server),
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

const ACTIVE_TRIES = 500;
const ACTIVE_PAUSE_MS = 10;

type Call = <T>(operation: string, input: unknown) => Promise<T>;

async function createTable({ physicalId, properties }: HostedResource, call: Call): Promise<void> {
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, LocalSecondaryIndexes } = properties;
  try {
    await call('CreateTable', {
      TableName: physicalId,
      BillingMode: 'PAY_PER_REQUEST',
      ...{ KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, LocalSecondaryIndexes },
    });
  } catch (error) {
    if (!(error instanceof Error && error.message.includes('ResourceInUseException'))) throw error;
  }
  await untilActive(physicalId, call);
}

/** A table that is still being made answers as if it were not there. */
async function untilActive(TableName: string, call: Call): Promise<void> {
  const status = async () =>
    (await call<{ Table: { TableStatus: string } }>('DescribeTable', { TableName })).Table.TableStatus;
  for (let tries = 0; (await status()) !== 'ACTIVE'; tries += 1) {
    if (tries === ACTIVE_TRIES) throw new Error(`The table ${TableName} does not become active`);
    await pause(ACTIVE_PAUSE_MS);
  }
}

async function callDynamoDb<T>(hop: Hop, operation: string, input: unknown): Promise<T> {
  const { status, body } = await hop.send({
    method: 'POST',
    path: '/',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      'x-amz-date': '20260101T000000Z',
    },
    body: Buffer.from(JSON.stringify(input)),
  });
  const text = body.toString('utf8');
  if (status !== 200) throw new Error(`${operation} answered ${status}: ${text}`);
  return JSON.parse(text) as T;
}
