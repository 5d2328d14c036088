import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { TableStreamRecord } from '../../src/dynamodb/table-streams/record.ts';
import { createEventSources, type EventSources } from '../../src/event-sources.ts';
import { createFaults } from '../../src/gateway/faults.ts';
import { createMeter } from '../../src/gateway/metering/meter.ts';
import { createClock, installClock } from '../../src/host/clock.ts';
import { createClosers } from '../../src/host/closers.ts';
import type { InvocationResult, LambdaHost } from '../../src/lambda/invocation.ts';
import { createLambdaHost } from '../../src/lambda/lambda-host.ts';
import { EVERYTHING } from './gateway-world.ts';
import { okResult } from './hosted-world.ts';
import { openGateway } from './open-gateway.ts';
import { aRole, aTable, writeAssembly } from './small-assembly.ts';

type Resources = Parameters<typeof writeAssembly>[0];

/** One clock for the process: the emulators take their time from `Date`. */
const clock = createClock();
installClock(clock.offsetCell);

interface StreamWorldOptions {
  readonly mapping?: Readonly<Record<string, unknown>>;
  readonly viewType?: string;
  /** What the role of the function says; everything by default. */
  readonly statements?: readonly unknown[];
  /** Stands for the function. */
  readonly answer?: Answer;
  /** The function itself, run in a worker; goes before `answer`. */
  readonly code?: string;
  readonly shards?: number;
  readonly dataDir?: string;
  readonly more?: Resources;
}

type Answer = (records: readonly TableStreamRecord[]) => InvocationResult | Promise<InvocationResult>;
type Invoke = LambdaHost['invoke'];

interface StreamInvocation {
  readonly records: readonly TableStreamRecord[];
  readonly result: InvocationResult;
}

export const functionError = (): InvocationResult => ({
  ...{ kind: 'error', errorType: 'Error', message: 'no' },
  durationMs: 1,
});

export const failuresFrom = (...records: readonly (TableStreamRecord | undefined)[]): InvocationResult =>
  okResult({
    batchItemFailures: records.map((record) => ({ itemIdentifier: record?.dynamodb.SequenceNumber })),
  });

/** A folder that the test's end removes. */
export function aDataDir(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'postlane-streams-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A table with a stream behind the gateway and a function that follows it; started by `sources.start()`. */
export async function aStreamWorld(t: TestContext, options: StreamWorldOptions = {}) {
  const [meter, faults] = [createMeter(clock), createFaults()];
  const late: { sources?: EventSources } = {};
  const open = await openGateway({
    ...{ assemblyDir: writeStreamAssembly(options), clock, meter, faults },
    ...(options.dataDir !== undefined && { dataDir: options.dataDir }),
    ...(options.shards !== undefined && { shards: options.shards }),
    events: () => (late.sources as EventSources).events,
  });
  const { gateway, assembly, streams } = open;
  const closers = createClosers();
  closers.add(open.close);
  t.after(closers.closeAll);
  const invocations: StreamInvocation[] = [];
  const warnings: string[] = [];
  const host = options.code === undefined ? undefined : startHost();
  const standIn: Invoke = async (_name, event) =>
    (options.answer ?? (() => okResult(null)))(recordsOf(event));
  const invoke: Invoke = async (name, event) => {
    const result = await (host?.invoke ?? standIn)(name, event);
    invocations.push({ records: recordsOf(event), result });
    return result;
  };
  const sources = createEventSources({
    ...{ assembly, clock, gatewayCall: gateway.call, streams, lambda: { invoke } },
    ...(options.dataDir !== undefined && {
      positionsFile: join(options.dataDir, 'streams', 'positions.json'),
    }),
    warn: (line) => void warnings.push(line),
  });
  late.sources = sources;

  const config = {
    ...{ endpoint: gateway.endpoint, region: 'us-east-1', maxAttempts: 1 },
    credentials: gateway.issueCredentials('Follow', 'worker-1'),
  };
  const [dynamodb, events] = [new DynamoDBClient(config), new EventBridgeClient(config)];
  const sqs = new SQSClient(config);
  const TableName = assembly.byLogicalId('Table').physicalId;
  const StreamArn = `${assembly.byLogicalId('Table').arn}/stream/2026-01-01T00:00:00.000`;
  closers.add(async () => {
    for (const client of [dynamodb, events, sqs]) client.destroy();
    const stopped = sources.stop();
    await host?.close();
    await stopped;
  });

  function startHost(): LambdaHost {
    return createLambdaHost({ assembly, gateway, clock, meter, faults, show: () => {} });
  }
  const waiting = () => sources.backlogs().reduce((sum, backlog) => sum + backlog.waiting, 0);

  return {
    ...{ assembly, clock, meter, faults, gateway, streams, sources, invocations, warnings },
    ...{ dynamodb, events, sqs, TableName, StreamArn },
    close: closers.closeAll,
    put: (bucket: string, item: string, more: Record<string, AttributeValue> = {}) =>
      dynamodb.send(
        new PutItemCommand({ TableName, Item: { bucket: { S: bucket }, item: { S: item }, ...more } }),
      ),
    remove: (bucket: string, item: string) =>
      dynamodb.send(new DeleteItemCommand({ TableName, Key: { bucket: { S: bucket }, item: { S: item } } })),
    get: async (bucket: string, item: string) => {
      const Key = { bucket: { S: bucket }, item: { S: item } };
      return (await dynamodb.send(new GetItemCommand({ TableName, Key }))).Item;
    },
    /** Everything that is in the stream and not passed by the function. */
    records: () =>
      streams
        .shardIds(StreamArn)
        .flatMap((shardId) => streams.recordsAfter(StreamArn, shardId, ''))
        .sort((one, other) => (numberOf(one) < numberOf(other) ? -1 : 1)),
    batches: () => invocations.map(({ records }) => records.map(itemOf)),
    bodiesIn: async (logicalId: string) => {
      const QueueUrl = assembly.byLogicalId(logicalId).physicalId;
      const input = { QueueUrl, MaxNumberOfMessages: 10 };
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(input));
      return Messages.map(({ Body = '' }) => JSON.parse(Body) as Record<string, unknown>);
    },
    waiting,
    /** Lets the clock run until nothing waits; pauses take no real time then. */
    drain: async () => {
      for (let rounds = 0; waiting() > 0; rounds += 1) {
        if (rounds === 2000) throw new Error(`${waiting()} records still wait`);
        clock.advance(0.3);
        await sleep(1);
      }
    },
  };
}

export type StreamWorld = Awaited<ReturnType<typeof aStreamWorld>>;

const recordsOf = (event: unknown) => (event as { Records?: readonly TableStreamRecord[] }).Records ?? [];
export const numberOf = ({ dynamodb }: TableStreamRecord): string => dynamodb.SequenceNumber;
/** The sort key of what a record is about. */
export const itemOf = ({ dynamodb }: TableStreamRecord): string => (dynamodb.Keys.item as { S: string }).S;

function writeStreamAssembly(options: StreamWorldOptions): string {
  const { Type, Properties } = aTable();
  const dir = writeAssembly({
    Table: {
      Type,
      Properties: {
        ...Properties,
        StreamSpecification: { StreamViewType: options.viewType ?? 'NEW_AND_OLD_IMAGES' },
      },
    },
    Follow: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        ...{ Handler: 'index.handler', Runtime: 'nodejs24.x', MemorySize: 256, Timeout: 5 },
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Code: { S3Key: 'code.zip' },
        Environment: { Variables: { POSTLANE_FUNCTION: 'follow' } },
      },
    },
    Role: aRole(...(options.statements ?? [EVERYTHING])),
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
        FunctionName: { Ref: 'Follow' },
        StartingPosition: 'TRIM_HORIZON',
        ...options.mapping,
      },
    },
    ...options.more,
  });
  writeFileSync(join(dir, 'asset.code', 'index.js'), options.code ?? '');
  return dir;
}
