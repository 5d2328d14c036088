import type { Assembly, Clock, Gateway, ServiceBackend, ServiceRequest, ServiceResponse } from '../ports.ts';
import { getAccount, getEmailIdentity } from './account-operations.ts';
import type { Deliverer } from './deliverer.ts';
import { createDelivery } from './delivery.ts';
import { type Disturbance, undisturbed } from './disturbance.ts';
import { type BusEvent, createEventPublisher } from './event-publisher.ts';
import { acceptMail } from './send-email.ts';
import { parseSendEmail } from './send-email-request.ts';
import { createSendQuota } from './send-quota.ts';
import { jsonResponse, SesError, toErrorResponse } from './ses-error.ts';
import { createSesIds } from './ses-id.ts';
import { readSesResources } from './ses-resources.ts';
import { createTimetable } from './timetable.ts';

export interface SesBackendOptions {
  readonly assembly: Assembly;
  readonly clock: Clock;
  readonly eventBus: { publish(event: BusEvent): void | Promise<void> };
  /** SNS Publish as `ses.amazonaws.com` for the configuration set. */
  readonly gatewayCall: Gateway['call'];
  readonly deliverer: Deliverer;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** Recipients per second; default 100,000. */
  readonly sendRate?: number;
  /** Recipients per 24 hours; default 50 million. */
  readonly dailyQuota?: number;
  readonly disturbance?: Disturbance;
  /** Told about events that could not be published; default `console.warn`. */
  readonly warn?: (message: string) => void;
}

export interface SesBackend extends ServiceBackend {
  /** Drops retries and delayed events. The deliverer belongs to the caller. */
  close(): void;
}

const DEFAULT_SEND_RATE = 100_000;
const DEFAULT_DAILY_QUOTA = 50_000_000;

/** The SES stand-in: SendEmail, GetAccount and GetEmailIdentity of SESv2 over the template's resources. */
export function createSesBackend(options: SesBackendOptions): SesBackend {
  const { clock, sendRate = DEFAULT_SEND_RATE, dailyQuota = DEFAULT_DAILY_QUOTA } = options;
  const warn = options.warn ?? console.warn;
  const resources = readSesResources(options.assembly);
  const ids = createSesIds(resources.region, clock.now, options.random);
  const quota = createSendQuota(clock, sendRate, dailyQuota);
  const timetable = createTimetable(clock);
  const publisher = createEventPublisher({
    ...{ clock, ids, timetable, warn },
    ...{ accountId: resources.accountId, region: resources.region },
    eventBus: options.eventBus,
    gatewayCall: options.gatewayCall,
    disturbance: options.disturbance ?? undisturbed,
  });
  const delivery = createDelivery({ clock, ids, timetable, publisher, deliverer: options.deliverer });

  const sendEmail = async ({ body, caller }: ServiceRequest): Promise<ServiceResponse> => {
    const mail = await acceptMail({ resources, clock, ids, quota }, parseSendEmail(body), caller);
    void delivery
      .deliver(mail)
      .catch((error: unknown) => warn(`SES mail ${mail.sesMessageId}: ${String(error)}`));
    return jsonResponse(200, { MessageId: mail.sesMessageId });
  };

  const operations: Readonly<
    Record<string, (request: ServiceRequest) => ServiceResponse | Promise<ServiceResponse>>
  > = {
    SendEmail: sendEmail,
    GetAccount: () => getAccount(quota, sendRate, dailyQuota),
    GetEmailIdentity: ({ url }) => getEmailIdentity(resources, url),
  };

  return {
    handle: (request) => answer(operations[request.operation], request),
    close: timetable.close,
  };
}

async function answer(
  operation: ((request: ServiceRequest) => ServiceResponse | Promise<ServiceResponse>) | undefined,
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
