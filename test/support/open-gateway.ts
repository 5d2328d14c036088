import { loadAssembly } from '../../local/assembly/load-assembly.ts';
import { type Closers, createClosers } from '../../local/closers.ts';
import { startDynamoDb } from '../../local/emulators/dynamodb.ts';
import { type QueuesAndBuckets, startQueuesAndBuckets } from '../../local/emulators/queues-and-buckets.ts';
import { type GatewayPort, startGateway } from '../../local/gateway/gateway.ts';
import { createAuthoriser } from '../../local/gateway/iam/authoriser.ts';
import { createServices } from '../../local/gateway/services.ts';
import { createCallMeter } from '../../local/metered-calls.ts';
import type { Assembly, Clock, Faults, LambdaHost, Meter, ServiceBackend } from '../../local/ports.ts';

export interface OpenGatewayOptions {
  readonly assemblyDir: string;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly faults: Faults;
  readonly lambda?: Pick<LambdaHost, 'invoke'>;
}

export interface OpenGateway {
  readonly gateway: GatewayPort;
  readonly assembly: Assembly;
  readonly queuesAndBuckets: QueuesAndBuckets;
  close(): Promise<void>;
}

const noSes: ServiceBackend = {
  handle: async () => {
    throw new Error('There is no SES behind this gateway');
  },
};

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
  const { clock, faults, meter } = options;
  const gateway = await startGateway();
  closers.add(gateway.close);
  const assembly = loadAssembly(options.assemblyDir, { queueUrlBase: gateway.endpoint });
  const authoriser = createAuthoriser(assembly);
  const dynamodb = await startDynamoDb(assembly, {});
  closers.add(dynamodb.close);
  const queuesAndBuckets = await startQueuesAndBuckets(assembly);
  closers.add(queuesAndBuckets.close);
  const forward = createServices({
    ...{ assembly, clock, dynamodb, queuesAndBuckets },
    ses: () => noSes,
    lambda: options.lambda ?? noFunctions,
    call: gateway.call,
  });
  gateway.open({ assembly, authoriser, faults, forward, measure: createCallMeter(meter) });
  return { gateway, assembly, queuesAndBuckets, close: closers.closeAll };
}
