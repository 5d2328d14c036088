import type { Assembly } from '../assembly/assembly.ts';
import type { Gateway, ServiceBackend, ServiceRequest, ServiceResponse } from '../gateway/service-call.ts';
import type { Clock } from '../host/clock.ts';
import { accountOperations } from './account-operations.ts';
import { createDedicatedIps, type DedicatedIps } from './dedicated-ips/dedicated-ips.ts';
import { dedicatedIpOperations } from './dedicated-ips/operations.ts';
import type { Deliverer } from './delivery/deliverer.ts';
import { createDelivery } from './delivery/delivery.ts';
import { jsonResponse, SesError, toErrorResponse } from './error.ts';
import { type Disturbance, undisturbed } from './events/disturbance.ts';
import { type BusEvent, createEventPublisher, type EventPublisher } from './events/publisher.ts';
import { createIdentities } from './identities/identities.ts';
import { identityOperations } from './identities/operations.ts';
import { createSesIds } from './ids.ts';
import type { SesOperation, SesOperations } from './operation.ts';
import { readSesResources } from './resources.ts';
import { createSendQuota, type SendQuota } from './sending/quota.ts';
import { createRefusals, type Refusals } from './sending/refusals.ts';
import { parseSendEmail } from './sending/request.ts';
import { acceptMail } from './sending/send-email.ts';
import { assertNotAssociated, tenantOperations } from './tenants/operations.ts';
import { tenantStatusEvent } from './tenants/status-event.ts';
import { createTenants, type Tenants } from './tenants/tenants.ts';
import { createTimetable, type Timetable } from './timetable.ts';
import { createTracker, type Tracker } from './tracking/tracker.ts';

export interface SesBackendOptions {
  readonly assembly: Assembly;
  readonly clock: Clock;
  readonly eventBus: { publish(event: BusEvent): void | Promise<void> };
  /** SNS Publish as `ses.amazonaws.com` for the configuration set. */
  readonly gatewayCall: Gateway['call'];
  readonly deliverer: Deliverer;
  /** Base URL of the local cloud, where tracked images and links lead to. */
  readonly baseUrl: string;
  /** Random numbers in [0, 1). */
  readonly random: () => number;
  /** Recipients per second; default 100,000. */
  readonly sendRate?: number;
  /** Recipients per 24 hours; default 50 million. */
  readonly dailyQuota?: number;
  /** `address:port` of the DNS server that identities are checked against; without it every record counts as set. */
  readonly dnsServer?: string;
  /** File in which identities outlive a run. */
  readonly identitiesFile?: string;
  /** File in which leased addresses outlive a run. */
  readonly dedicatedIpsFile?: string;
  /** File in which tenants outlive a run. */
  readonly tenantsFile?: string;
  readonly disturbance?: Disturbance;
  /** Listener for events that could not be published; default `console.warn`. */
  readonly warn?: (message: string) => void;
}

export interface SesBackend extends ServiceBackend {
  readonly quota: SendQuota;
  readonly refusals: Refusals;
  readonly dedicatedIps: DedicatedIps;
  readonly tenants: Tenants;
  readonly tracker: Tracker;
  /** Drops retries and delayed events. The deliverer belongs to the caller. */
  close(): void;
}

const DEFAULT_SEND_RATE = 100_000;
const DEFAULT_DAILY_QUOTA = 50_000_000;

/** The SES stand-in: SendEmail, the account, its identities, dedicated IPs and tenants over the template's resources. */
export function createSesBackend(options: SesBackendOptions): SesBackend {
  const account = openAccount(options);
  const { quota, identities, dedicatedIps, tenants } = account;
  const refusals = createRefusals();
  const timetable = createTimetable(options.clock);
  const publisher = openPublisher(options, account, timetable);
  const tracker = createTracker({ clock: options.clock, publisher });

  const deleteIdentity = (name: string): void => {
    assertNotAssociated(tenants, identities.require(name).arn);
    identities.delete(name);
  };
  const operations: SesOperations = {
    SendEmail: refusals.counted(createSendEmail(options, account, { timetable, publisher, tracker })),
    ...accountOperations(quota, dedicatedIps),
    ...identityOperations({ ...identities, delete: deleteIdentity }, options.clock),
    ...dedicatedIpOperations(dedicatedIps),
    ...tenantOperations(tenants),
  };

  return {
    ...{ quota, refusals, dedicatedIps, tenants, tracker },
    handle: (request) => answer(operations[request.operation], request),
    close: timetable.close,
  };
}

/** Contents of the account: the template's, and what was kept of an earlier run. */
function openAccount(options: SesBackendOptions) {
  const { clock, sendRate = DEFAULT_SEND_RATE, dailyQuota = DEFAULT_DAILY_QUOTA } = options;
  const resources = readSesResources(options.assembly);
  const { accountId: account, region } = resources;
  const ids = createSesIds(region, clock.now, options.random);
  const identities = createIdentities({
    ...{ resources, clock },
    dnsServer: options.dnsServer,
    file: options.identitiesFile,
  });
  const tenants = createTenants({
    ...{ resources, identities, clock, file: options.tenantsFile },
    onStatus: (tenant, who) => {
      const event = tenantStatusEvent(tenant, who, { id: ids.uuid(), now: clock.now(), account, region });
      // Best effort, as all events of SES on the bus.
      Promise.resolve(event)
        .then(options.eventBus.publish)
        .catch((error: unknown) => console.error(`The status of a tenant was not published: ${error}`));
    },
  });
  const dedicatedIps = createDedicatedIps(resources.pools, options.dedicatedIpsFile);
  const quota = createSendQuota(clock, sendRate, dailyQuota);
  const { baseUrl } = options;
  return { clock, resources, ids, identities, tenants, dedicatedIps, quota, baseUrl };
}

const openPublisher = (
  { eventBus, gatewayCall, disturbance = undisturbed, warn = console.warn }: SesBackendOptions,
  { clock, ids, resources }: ReturnType<typeof openAccount>,
  timetable: Timetable,
): EventPublisher =>
  createEventPublisher({
    ...{ clock, ids, timetable, eventBus, gatewayCall, disturbance, warn },
    ...{ accountId: resources.accountId, region: resources.region },
  });

/** Answers when the mail is taken; it is delivered afterwards. */
function createSendEmail(
  { deliverer, warn = console.warn }: SesBackendOptions,
  account: ReturnType<typeof openAccount>,
  rooms: { readonly timetable: Timetable; readonly publisher: EventPublisher; readonly tracker: Tracker },
): SesOperation {
  const { clock, ids } = account;
  const { timetable, publisher, tracker } = rooms;
  const delivery = createDelivery({ clock, ids, timetable, publisher, deliverer });

  return async ({ body, caller }) => {
    const mail = await acceptMail(account, parseSendEmail(body), caller);
    tracker.keep(mail);
    void delivery
      .deliver(mail)
      .catch((error: unknown) => warn(`SES mail ${mail.sesMessageId}: ${String(error)}`));
    return jsonResponse(200, { MessageId: mail.sesMessageId });
  };
}

async function answer(
  operation: SesOperation | undefined,
  request: ServiceRequest,
): Promise<ServiceResponse> {
  if (!operation)
    return jsonResponse(
      501,
      { message: `The local SES does not have ${request.operation}.` },
      { 'x-amzn-errortype': 'UnknownOperationException' },
    );
  try {
    return await operation(request);
  } catch (error) {
    if (error instanceof SesError) return toErrorResponse(error);
    throw error;
  }
}
