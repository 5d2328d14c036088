import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Assembly } from './assembly/assembly.ts';
import { loadAssembly } from './assembly/load-assembly.ts';
import { startDynamoDb } from './dynamodb/emulator.ts';
import { createTableStreams, type TableStreams } from './dynamodb/table-streams/table-streams.ts';
import { openFauxqs } from './emulators/fauxqs.ts';
import { createEventSources, type EventSources, type EventSourcesOptions } from './event-sources.ts';
import { disturbBus } from './events/disturbed-bus.ts';
import { faultRoutes } from './gateway/fault-routes.ts';
import { createFaults } from './gateway/faults.ts';
import { type GatewayPort, startGateway } from './gateway/gateway.ts';
import { authorisedCallsRoute } from './gateway/iam/authorised-calls-route.ts';
import { createAuthoriser } from './gateway/iam/authoriser.ts';
import { createCallMeter } from './gateway/metering/call-meter.ts';
import { createMeter } from './gateway/metering/meter.ts';
import { usageRoutes } from './gateway/metering/usage-routes.ts';
import { type Clock, createClock, installClock } from './host/clock.ts';
import { createClockRoute } from './host/clock-route.ts';
import { type Closers, createClosers } from './host/closers.ts';
import type { Settings } from './host/settings.ts';
import { createKeySwap } from './http-api/friendly-key.ts';
import { startHttpFront } from './http-api/http-front.ts';
import { createCustomResources } from './lambda/custom-resources.ts';
import type { LambdaHost } from './lambda/invocation.ts';
import { createLambdaHost } from './lambda/lambda-host.ts';
import type { Product } from './product.ts';
import { createServices } from './services.ts';
import { createSesBackend, type SesBackend, type SesBackendOptions } from './ses/backend.ts';
import { createDeliverer } from './ses/delivery/deliverer.ts';
import { type Sink, startSink } from './sink/sink.ts';
import { openQueues } from './sqs/emulator.ts';

interface LocalCloudOptions extends Settings {
  readonly assemblyDir: string;
  readonly product: Product;
}

export interface LocalCloud {
  /** Base URL of the template's API: `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly apiKey: string;
  readonly gatewayEndpoint: string;
  readonly clock: Clock;
  close(): Promise<void>;
}

/**
 * Hosts a synthesised assembly until it is closed. Makes `Date` of this process follow the local clock, so a process
 * hosts one. Rejects, with everything closed again, for what it does not host and for a port in use.
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const closers = createClosers();
  try {
    const cloud = await hostAssembly(options, closers);
    return { ...cloud, apiKey: options.apiKey, close: closers.closeAll };
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function hostAssembly(options: LocalCloudOptions, closers: Closers) {
  const { product } = options;
  const clock = createClock();
  installClock(clock.offsetCell);
  const [meter, faults] = [createMeter(clock), createFaults()];
  const front = await startHttpFront(options.port);
  closers.add(front.close);
  const gateway = await startGateway();
  closers.add(gateway.close);
  const assembly = loadAssembly(options.assemblyDir, {
    queueUrlBase: gateway.endpoint,
    publicUrl: front.url,
    functionNameVariable: product.functionNameVariable,
  });
  const environment = product.functionEnvironment(options);
  const lambda = createLambdaHost({ assembly, gateway, clock, meter, faults, environment });
  const streams = openStreams(options, assembly, clock, closers);
  const sources = openSources(options, { assembly, clock, lambda, gatewayCall: gateway.call, streams });

  const authoriser = createAuthoriser(assembly);
  const sink = await openSink(options, clock, closers);
  const eventBus = disturbBus(sources.eventBus, faults);
  const rooms = { options, assembly, clock, gateway, closers };
  const ses = openSes({ ...rooms, eventBus, baseUrl: front.url, sink });
  const emulators = await openEmulators(rooms);
  const { backlogs, events } = sources;
  const services = createServices({ ...rooms, ...emulators, streams, backlogs, ses, events, lambda });
  for (const service of Object.values(services)) closers.add(service.close);
  gateway.open({ assembly, authoriser, faults, services, measure: createCallMeter(meter, services) });
  closeInvocations(closers, sources, lambda);

  await createCustomResources(assembly, lambda);
  front.open({
    ...{ assembly, lambda, meter, clock, warn: console.error },
    functionUrlPaths: product.functionUrlPaths,
    swapKey: createKeySwap(options.apiKey, product.readToken(assembly, emulators.dynamodb)),
    localRoutes: [
      ...usageRoutes(meter),
      ...faultRoutes(faults),
      createClockRoute(clock),
      authorisedCallsRoute(authoriser),
      ...Object.values(services).flatMap(({ routes }) => routes),
      ...sink.routes,
    ],
  });
  // Once more: requests end before what answers them.
  closers.add(front.close);
  sources.start();
  return { url: front.url, gatewayEndpoint: gateway.endpoint, clock };
}

interface Rooms {
  readonly options: LocalCloudOptions;
  readonly assembly: Assembly;
  readonly clock: Clock;
  readonly gateway: GatewayPort;
  readonly closers: Closers;
}

function openStreams(
  { dataDir, tableStreamShards }: LocalCloudOptions,
  assembly: Assembly,
  clock: Clock,
  closers: Closers,
): TableStreams {
  const streams = createTableStreams({
    ...{ assembly, clock },
    ...(dataDir !== undefined && { dataDir }),
    ...(tableStreamShards !== undefined && { shards: tableStreamShards }),
  });
  closers.add(streams.close);
  return streams;
}

const openSources = ({ dataDir }: LocalCloudOptions, deps: EventSourcesOptions): EventSources =>
  createEventSources({
    ...deps,
    ...(dataDir !== undefined && { positionsFile: join(dataDir, 'streams', 'positions.json') }),
  });

async function openSink({ apiKey, smtpTarget, product }: LocalCloudOptions, clock: Clock, closers: Closers) {
  const sample = { apiKey, from: product.sampleSender };
  const sink = await startSink({
    ...{ clock, sample },
    product: product.name,
    ...(smtpTarget !== undefined && { smtpTarget }),
  });
  closers.add(sink.close);
  return sink;
}

function openSes(
  rooms: Rooms & Pick<SesBackendOptions, 'eventBus' | 'baseUrl'> & { readonly sink: Sink },
): SesBackend {
  const { options, assembly, clock, gateway, eventBus, baseUrl, sink, closers } = rooms;
  const deliverer = createDeliverer({ ...smtpServer(options, sink), label: sink.label });
  const ses = createSesBackend({
    ...{ assembly, clock, deliverer, eventBus, baseUrl, random: Math.random },
    gatewayCall: gateway.call,
    ...(options.dnsServer !== undefined && { dnsServer: options.dnsServer }),
    ...(options.sesSendRate !== undefined && { sendRate: options.sesSendRate }),
    ...(options.sesDailyQuota !== undefined && { dailyQuota: options.sesDailyQuota }),
    ...(options.dataDir !== undefined && filesIn(options.dataDir)),
  });
  closers.add(deliverer.close);
  return ses;
}

const filesIn = (dataDir: string) => ({
  identitiesFile: join(dataDir, 'ses-identities.json'),
  dedicatedIpsFile: join(dataDir, 'ses-dedicated-ips.json'),
  tenantsFile: join(dataDir, 'ses-tenants.json'),
});

function smtpServer({ smtpTarget }: LocalCloudOptions, sink: Sink): { host: string; port: number } {
  if (smtpTarget === undefined) return { host: '127.0.0.1', port: sink.port };
  const colon = smtpTarget.lastIndexOf(':');
  const host = smtpTarget.slice(0, colon).replace(/^\[|\]$/g, '');
  return { host, port: Number(smtpTarget.slice(colon + 1)) };
}

/** Starts what keeps tables, queues and objects. */
async function openEmulators({ options, assembly, closers }: Rooms) {
  const { dataDir, dynamoDbEndpoint } = options;
  if (dataDir !== undefined) await mkdir(dataDir, { recursive: true });
  const dynamodb = await startDynamoDb(assembly, {
    ...(dataDir !== undefined && { dataDir }),
    ...(dynamoDbEndpoint !== undefined && { endpoint: dynamoDbEndpoint }),
  });
  closers.add(dynamodb.close);
  const fauxqs = await openFauxqs(dataDir);
  closers.add(fauxqs.close);
  return { dynamodb, fauxqs, queues: await openQueues(assembly, fauxqs) };
}

/** Closes both at once: the sources wait for their invocations, which end because their workers do. */
function closeInvocations(closers: Closers, sources: EventSources, lambda: LambdaHost): void {
  closers.add(async () => {
    const stopped = sources.stop();
    await lambda.close();
    await stopped;
  });
}
