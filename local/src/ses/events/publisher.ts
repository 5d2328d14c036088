import type { Gateway } from '../../gateway/service-call.ts';
import type { Clock } from '../../host/clock.ts';
import type { SesIds } from '../ids.ts';
import { type ConfigurationSet, type EventDestination, eventTypeKey } from '../resources.ts';
import type { AcceptedMail } from '../sending/accepted-mail.ts';
import type { Timetable } from '../timetable.ts';
import type { Disturbance } from './disturbance.ts';
import type { SesEvent } from './mail-events.ts';

/** An event as EventBridge's default bus takes it. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: 'aws.ses';
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

interface EventPublisherDeps {
  readonly accountId: string;
  readonly region: string;
  readonly clock: Clock;
  readonly ids: SesIds;
  readonly timetable: Timetable;
  readonly eventBus: { publish(event: BusEvent): void | Promise<void> };
  readonly gatewayCall: Gateway['call'];
  readonly disturbance: Disturbance;
  readonly warn: (message: string) => void;
}

export interface EventPublisher {
  /** Settles once every copy without a delay is handed over. Never rejects: SES drops what it cannot publish. */
  publish(mail: Pick<AcceptedMail, 'configurationSet' | 'eventMail'>, event: SesEvent): Promise<void>;
}

const DETAIL_TYPES = {
  Send: 'Email Sent',
  Delivery: 'Email Delivered',
  Bounce: 'Email Bounced',
  Complaint: 'Email Complaint Received',
  DeliveryDelay: 'Email Delivery Delayed',
  Open: 'Email Opened',
  Click: 'Email Clicked',
} as const satisfies Record<SesEvent['eventType'], string>;

const SNS_ATTEMPTS = 4;
const SNS_RETRY_MS = 1000;

/** Publishes through the configuration set's event destinations, and only through them. */
export function createEventPublisher(deps: EventPublisherDeps): EventPublisher {
  const toBus = async (set: ConfigurationSet, event: SesEvent, detail: object) => {
    await deps.eventBus.publish({
      version: '0',
      id: deps.ids.uuid(),
      'detail-type': DETAIL_TYPES[event.eventType],
      source: 'aws.ses',
      account: deps.accountId,
      time: new Date(deps.clock.now()).toISOString().replace(/\.\d{3}Z$/, 'Z'),
      region: deps.region,
      resources: [set.arn],
      detail,
    });
  };

  const publishCopy = async (
    set: ConfigurationSet,
    to: EventDestination,
    event: SesEvent,
    detail: object,
  ) => {
    try {
      if (to.topicArn === undefined) await toBus(set, event, detail);
      else await publishToTopic(deps, set, to.topicArn, `${JSON.stringify(detail)}\n`);
    } catch (error) {
      deps.warn(`SES event ${event.eventType} not published: ${String(error)}`);
    }
  };

  return {
    publish: async (mail, event) => {
      const set = mail.configurationSet;
      const type = eventTypeKey(event.eventType);
      const matching = set?.destinations.filter(({ eventTypes }) => eventTypes.has(type)) ?? [];
      if (!set || matching.length === 0) return;

      const detail = { eventType: event.eventType, mail: mail.eventMail, ...event.body };
      const copies = matching.flatMap((to) => deps.disturbance().map((delayMs) => ({ to, delayMs })));
      for (const { to, delayMs } of copies.filter((copy) => copy.delayMs > 0))
        deps.timetable.at(deps.clock.now() + delayMs, () => void publishCopy(set, to, event, detail));
      const prompt = copies.filter(({ delayMs }) => delayMs === 0);
      await Promise.all(prompt.map(({ to }) => publishCopy(set, to, event, detail)));
    },
  };
}

/** SNS Publish as SES makes it: as the service, for the configuration set. Tried again where SNS is to blame. */
async function publishToTopic(
  deps: EventPublisherDeps,
  set: ConfigurationSet,
  topicArn: string,
  message: string,
): Promise<void> {
  const form = new URLSearchParams({
    Action: 'Publish',
    Version: '2010-03-31',
    TopicArn: topicArn,
    Subject: 'Amazon SES Email Event Notification',
    Message: message,
  });

  for (let attempt = 1; ; attempt += 1) {
    const status = await publishOnce(deps, set, Buffer.from(form.toString()));
    if (status < 300) return;
    if (attempt === SNS_ATTEMPTS || (status < 500 && status !== 429))
      throw new Error(`SNS answered ${status} for ${topicArn}`);
    await new Promise<void>((resolve) => deps.timetable.at(deps.clock.now() + SNS_RETRY_MS, resolve));
  }
}

/** The HTTP status; a call that fails altogether counts as 503. */
async function publishOnce(deps: EventPublisherDeps, set: ConfigurationSet, body: Buffer): Promise<number> {
  try {
    const { status } = await deps.gatewayCall({
      service: 'sns',
      operation: 'Publish',
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body,
      caller: { kind: 'service', principal: 'ses.amazonaws.com', sourceArn: set.arn },
    });
    return status;
  } catch {
    // Only a gateway that is closed throws: the event is lost with all else, as if SNS were away.
    return 503;
  }
}
