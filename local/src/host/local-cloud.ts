import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createTokenReader } from '../../postlane.ts';
import type { Assembly } from '../assembly/assembly.ts';
import { createCustomResources } from '../assembly/custom-resources.ts';
import { loadAssembly } from '../assembly/load-assembly.ts';
import { startDynamoDb } from '../dynamodb/emulator.ts';
import { tableStreamRoutes } from '../dynamodb/routes.ts';
import { createTableStreams, type TableStreams } from '../dynamodb/table-streams/table-streams.ts';
import { disturbBus } from '../events/disturbed-bus.ts';
import { faultRoutes } from '../gateway/fault-routes.ts';
import { createFaults } from '../gateway/faults.ts';
import { type GatewayPort, startGateway } from '../gateway/gateway.ts';
import { authorisedCallsRoute } from '../gateway/iam/authorised-calls-route.ts';
import { createAuthoriser } from '../gateway/iam/authoriser.ts';
import { createCallMeter } from '../gateway/metering/call-meter.ts';
import { createMeter } from '../gateway/metering/meter.ts';
import { usageRoutes } from '../gateway/metering/usage-routes.ts';
import type { ServiceBackend } from '../gateway/service-call.ts';
import { createServices, type ServicesOptions } from '../gateway/services.ts';
import { createKeySwap } from '../http-api/friendly-key.ts';
import { startHttpFront } from '../http-api/http-front.ts';
import type { LambdaHost } from '../lambda/invocation.ts';
import { createLambdaHost } from '../lambda/lambda-host.ts';
import { functionRoutes } from '../lambda/routes.ts';
import { createSesBackend, type SesBackend, type SesBackendOptions } from '../ses/backend.ts';
import { createDeliverer } from '../ses/delivery/deliverer.ts';
import { sesRoutes } from '../ses/routes.ts';
import { type Inbox, startInbox } from '../sink/sink.ts';
import { startQueuesAndBuckets } from '../sqs/emulator.ts';
import { queueRoutes } from '../sqs/routes.ts';
import { type Clock, createClock, installClock } from './clock.ts';
import { createClockRoute } from './clock-route.ts';
import { type Closers, createClosers } from './closers.ts';
import { createEventSources, type EventSources, type EventSourcesOptions } from './event-sources.ts';
import type { Settings } from './settings.ts';

export interface LocalCloudOptions extends Settings {
  readonly assemblyDir: string;
}

export interface LocalCloud {
  /** Where the template's API answers: `http://127.0.0.1:<port>`. */
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
  const clock = createClock();
  installClock(clock.offsetCell);
  const [meter, faults] = [createMeter(clock), createFaults()];
  const front = await startHttpFront(options.port);
  closers.add(front.close);
  const gateway = await startGateway();
  closers.add(gateway.close);
  const addresses = { queueUrlBase: gateway.endpoint, publicUrl: front.url };
  const assembly = loadAssembly(options.assemblyDir, addresses);
  const { dnsServer } = options;
  const dns = dnsServer === undefined ? {} : { dnsServer };
  const lambda = createLambdaHost({ assembly, gateway, clock, meter, faults, ...dns });
  const streams = openStreams(options, assembly, clock, closers);
  const sources = openSources(options, { assembly, clock, lambda, gatewayCall: gateway.call, streams });

  const authoriser = createAuthoriser(assembly);
  const inbox = await openInbox(options, clock, closers);
  const eventBus = disturbBus(sources.eventBus, faults);
  const baseUrl = front.url;
  const ses = openSes({ options, assembly, clock, gateway, eventBus, baseUrl, inbox, closers });
  const { dynamodb, queuesAndBuckets } = await openServices(
    { options, assembly, clock, gateway, ses, streams, events: sources.events, lambda, closers },
    (forward) =>
      gateway.open({
        ...{ assembly, authoriser, faults, forward },
        measure: createCallMeter(meter),
      }),
  );
  closeInvocations(closers, sources, lambda);

  await createCustomResources(assembly, lambda);
  front.open({
    ...{ assembly, lambda, meter, clock, warn: console.error },
    swapKey: createKeySwap(options.apiKey, createTokenReader(assembly, dynamodb)),
    localRoutes: [
      ...usageRoutes(meter),
      ...faultRoutes(faults),
      createClockRoute(clock),
      authorisedCallsRoute(authoriser),
      ...functionRoutes({ assembly, lambda, endpoint: gateway.endpoint }),
      ...queueRoutes(queuesAndBuckets),
      ...tableStreamRoutes(sources),
      ...sesRoutes(ses),
      ...inbox.routes,
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

async function openInbox({ apiKey, smtpTarget }: LocalCloudOptions, clock: Clock, closers: Closers) {
  const sample = { apiKey, from: 'hello@example.com' };
  const inbox = await startInbox({ clock, sample, ...(smtpTarget !== undefined && { smtpTarget }) });
  closers.add(inbox.close);
  return inbox;
}

function openSes(
  rooms: Rooms & Pick<SesBackendOptions, 'eventBus' | 'baseUrl'> & { readonly inbox: Inbox },
): SesBackend {
  const { options, assembly, clock, gateway, eventBus, baseUrl, inbox, closers } = rooms;
  const deliverer = createDeliverer({ ...smtpServer(options, inbox), label: inbox.label });
  const ses = createSesBackend({
    ...{ assembly, clock, deliverer, eventBus, baseUrl, random: Math.random },
    gatewayCall: gateway.call,
    ...(options.dnsServer !== undefined && { dnsServer: options.dnsServer }),
    ...(options.sesSendRate !== undefined && { sendRate: options.sesSendRate }),
    ...(options.sesDailyQuota !== undefined && { dailyQuota: options.sesDailyQuota }),
    ...(options.dataDir !== undefined && filesIn(options.dataDir)),
  });
  closers.add(deliverer.close);
  closers.add(ses.close);
  return ses;
}

const filesIn = (dataDir: string) => ({
  identitiesFile: join(dataDir, 'ses-identities.json'),
  dedicatedIpsFile: join(dataDir, 'ses-dedicated-ips.json'),
  tenantsFile: join(dataDir, 'ses-tenants.json'),
});

function smtpServer({ smtpTarget }: LocalCloudOptions, inbox: Inbox): { host: string; port: number } {
  if (smtpTarget === undefined) return { host: '127.0.0.1', port: inbox.port };
  const colon = smtpTarget.lastIndexOf(':');
  const host = smtpTarget.slice(0, colon).replace(/^\[|\]$/g, '');
  return { host, port: Number(smtpTarget.slice(colon + 1)) };
}

interface ServicesBehind extends Pick<ServicesOptions, 'streams' | 'lambda'> {
  readonly ses: SesBackend;
  readonly events: ServiceBackend;
}

/** Starts the emulators and gives what the gateway forwards to them to `open`. */
async function openServices(
  { options, assembly, clock, gateway, ses, streams, events, lambda, closers }: Rooms & ServicesBehind,
  open: (forward: ReturnType<typeof createServices>) => void,
) {
  const { dataDir, dynamoDbEndpoint } = options;
  if (dataDir !== undefined) await mkdir(dataDir, { recursive: true });
  const dynamodb = await startDynamoDb(assembly, {
    ...(dataDir !== undefined && { dataDir }),
    ...(dynamoDbEndpoint !== undefined && { endpoint: dynamoDbEndpoint }),
  });
  closers.add(dynamodb.close);
  const queuesAndBuckets = await startQueuesAndBuckets(assembly, dataDir);
  closers.add(queuesAndBuckets.close);
  open(
    createServices({
      ...{ assembly, clock, dynamodb, queuesAndBuckets, streams, lambda },
      ...{ ses: () => ses, events: () => events, call: gateway.call },
    }),
  );
  return { dynamodb, queuesAndBuckets };
}

/** Both at once: the sources wait for their invocations, which end because their workers do. */
function closeInvocations(closers: Closers, sources: EventSources, lambda: LambdaHost): void {
  closers.add(async () => {
    const stopped = sources.stop();
    await lambda.close();
    await stopped;
  });
}
