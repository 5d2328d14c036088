import type { Assembly } from '../../src/assembly/assembly.ts';
import { loadAssembly } from '../../src/assembly/load-assembly.ts';
import { startDynamoDb } from '../../src/dynamodb/emulator.ts';
import { createTableStreams, type TableStreams } from '../../src/dynamodb/table-streams/table-streams.ts';
import { type Fauxqs, openFauxqs } from '../../src/emulators/fauxqs.ts';
import type { Faults } from '../../src/gateway/faults.ts';
import { type GatewayPort, startGateway } from '../../src/gateway/gateway.ts';
import { createAuthoriser } from '../../src/gateway/iam/authoriser.ts';
import { createCallMeter } from '../../src/gateway/metering/call-meter.ts';
import type { Meter } from '../../src/gateway/metering/usage.ts';
import type { ServiceBackend } from '../../src/gateway/service-call.ts';
import type { Clock } from '../../src/host/clock.ts';
import { type Closers, createClosers } from '../../src/host/closers.ts';
import type { LambdaHost } from '../../src/lambda/invocation.ts';
import { createServices } from '../../src/services.ts';
import type { SesBackend } from '../../src/ses/backend.ts';
import { openQueues, type Queues } from '../../src/sqs/emulator.ts';

interface OpenGatewayOptions {
  readonly assemblyDir: string;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly faults: Faults;
  readonly lambda?: Pick<LambdaHost, 'invoke'>;
  /** Where tables and streams outlive the gateway. */
  readonly dataDir?: string;
  /** Shards of every stream. */
  readonly shards?: number;
  /** Takes the events of functions. */
  readonly events?: () => ServiceBackend;
}

export interface OpenGateway {
  readonly gateway: GatewayPort;
  readonly assembly: Assembly;
  readonly fauxqs: Fauxqs;
  readonly queues: Queues;
  readonly streams: TableStreams;
  close(): Promise<void>;
}

const nobody = (service: string): ServiceBackend => ({
  handle: async () => {
    throw new Error(`There is no ${service} behind this gateway`);
  },
});

const noFunctions: Pick<LambdaHost, 'invoke'> = {
  invoke: async () => {
    throw new Error('There are no functions behind this gateway');
  },
};

/** The gateway with its emulators, without functions around it. */
export async function openGateway(options: OpenGatewayOptions): Promise<OpenGateway> {
  const closers = createClosers();
  try {
    return await furnish(options, closers);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function furnish(options: OpenGatewayOptions, closers: Closers): Promise<OpenGateway> {
  const { clock, dataDir, faults, meter } = options;
  const gateway = await startGateway();
  closers.add(gateway.close);
  const assembly = loadAssembly(options.assemblyDir, {
    queueUrlBase: gateway.endpoint,
    functionNameVariable: 'POSTLANE_FUNCTION',
  });
  const authoriser = createAuthoriser(assembly);
  const kept = dataDir === undefined ? {} : { dataDir };
  const shards = options.shards === undefined ? {} : { shards: options.shards };
  const streams = createTableStreams({ assembly, clock, ...kept, ...shards });
  closers.add(streams.close);
  const dynamodb = await startDynamoDb(assembly, kept);
  closers.add(dynamodb.close);
  const fauxqs = await openFauxqs();
  closers.add(fauxqs.close);
  const queues = await openQueues(assembly, fauxqs);
  const services = createServices({
    ...{ assembly, clock, gateway, dynamodb, fauxqs, queues, streams },
    backlogs: () => [],
    ses: nobody('SES') as SesBackend,
    events: { handle: (request) => (options.events?.() ?? nobody('EventBridge')).handle(request) },
    lambda: options.lambda ?? noFunctions,
  });
  closers.add(queues.hop.close);
  gateway.open({ assembly, authoriser, faults, services, measure: createCallMeter(meter, services) });
  return { gateway, assembly, fauxqs, queues, streams, close: closers.closeAll };
}
