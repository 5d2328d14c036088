import { loadAssembly } from '../assembly/load-assembly.ts';
import { startDynamoDb } from '../emulators/dynamodb.ts';
import { startQueuesAndBuckets } from '../emulators/queues-and-buckets.ts';
import { measure } from '../metering/measure.ts';
import type { Assembly, Clock, Faults, Gateway, Meter, ServiceBackend, ServiceRequest } from '../ports.ts';
import type { DynamoDbOutcome } from './dynamodb-completion.ts';
import { type GatewayPort, startGateway } from './gateway.ts';
import { type Authoriser, createAuthoriser } from './iam/authoriser.ts';
import type { WireCall } from './read-call.ts';
import { createServices } from './services.ts';

export interface OpenGatewayOptions {
  readonly assemblyDir: string;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly faults: Faults;
  /** Keep tables, queues and objects here; memory of one run where absent. */
  readonly dataDir?: string;
  /** A DynamoDB to use instead of dynalite. */
  readonly dynamodbEndpoint?: string;
}

export interface OpenGateway {
  readonly gateway: Gateway;
  readonly assembly: Assembly;
  readonly authoriser: Authoriser;
  /** An item read past the gateway: neither authorised nor billed. */
  readItem(
    tableName: string,
    key: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, { S?: string }>> | undefined>;
  /** The SES stand-in comes last, because it publishes through this gateway. */
  attachSes(backend: ServiceBackend): void;
  close(): Promise<void>;
}

/** Endpoint, assembly, emulators and policies, in the order in which they need each other. */
export async function openGateway(options: OpenGatewayOptions): Promise<OpenGateway> {
  const gateway = await startGateway();
  try {
    return await furnish(gateway, options);
  } catch (error) {
    await gateway.close();
    throw error;
  }
}

async function furnish(gateway: GatewayPort, options: OpenGatewayOptions): Promise<OpenGateway> {
  const { clock, meter, faults } = options;
  const assembly = loadAssembly(options.assemblyDir, { queueUrlBase: gateway.endpoint });
  const authoriser = createAuthoriser(assembly);
  const endpoint = options.dynamodbEndpoint === undefined ? {} : { endpoint: options.dynamodbEndpoint };
  const dataDir = options.dataDir === undefined ? {} : { dataDir: options.dataDir };
  const dynamodb = await startDynamoDb(assembly, { ...endpoint, ...dataDir });
  const queuesAndBuckets = await startQueuesAndBuckets(assembly, options.dataDir);
  let ses: ServiceBackend | undefined;

  const forward = createServices({
    ...{ assembly, clock, dynamodb, queuesAndBuckets },
    call: gateway.call,
    ses: () => {
      if (!ses) throw new Error('SES is not attached yet');
      return ses;
    },
  });
  gateway.open({ assembly, authoriser, faults, forward, measure: meterInto(meter) });

  return {
    gateway,
    assembly,
    authoriser,
    attachSes: (backend) => {
      ses = backend;
    },
    readItem: async (TableName, Key) =>
      (
        await dynamodb.call<{ Item?: Record<string, { S?: string }> }>('GetItem', {
          TableName,
          Key,
          ConsistentRead: true,
        })
      ).Item,
    close: async () => {
      await gateway.close();
      await Promise.all([dynamodb.close(), queuesAndBuckets.close()]);
    },
  };
}

function meterInto(meter: Meter) {
  return (
    { service, operation, caller }: ServiceRequest,
    { input }: WireCall,
    outcome: DynamoDbOutcome,
  ): void => {
    const { response, ...items } = outcome;
    const usages = measure({
      ...{ service, operation, ...items },
      functionName: caller.kind === 'function' ? caller.functionName : (caller.principal.split('.')[0] ?? ''),
      request: input,
      response: isJson(response.headers['content-type']) ? parse(response.body) : undefined,
      status: response.status,
    });
    for (const usage of usages) meter.record(usage);
  };
}

const isJson = (contentType: string | undefined): boolean => contentType?.includes('json') === true;

function parse(body: Buffer): Record<string, unknown> | undefined {
  try {
    return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
