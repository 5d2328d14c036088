import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SESv2Client, SendEmailCommand, type SendEmailCommandInput } from '@aws-sdk/client-sesv2';
import { SMTPServer } from 'smtp-server';
import type { Assembly, HostedResource } from '../../../local/src/assembly/assembly.ts';
import type { ServiceRequest } from '../../../local/src/gateway/service-call.ts';
import { type Clock, createClock } from '../../../local/src/host/clock.ts';
import { createSesBackend, type SesBackend, type SesBackendOptions } from '../../../local/src/ses/backend.ts';
import { readSesCall } from '../../../local/src/ses/call.ts';
import { createDeliverer } from '../../../local/src/ses/delivery/deliverer.ts';
import type { BusEvent } from '../../../local/src/ses/events/publisher.ts';
import { type Sink, startSink } from '../../../local/src/sink/sink.ts';
import { eventually } from '../base/eventually.ts';

export const CONFIGURATION_SET_ARN = 'arn:aws:ses:us-east-1:000000000000:configuration-set/transactional';
/** Where tracked mail leads to. */
export const BASE_URL = 'http://127.0.0.1:3000';
export const TOPIC_ARN = 'arn:aws:sns:us-east-1:000000000000:feedback';

/** A resource of the fake template. */
export const aResource = (type: string, properties: Record<string, unknown>): HostedResource => ({
  logicalId: `${type}/${JSON.stringify(properties).length}`,
  type,
  properties,
  physicalId: String(properties.Name ?? properties.TenantName ?? type),
});

export const anAssembly = (resources: readonly HostedResource[] = theResources()): Assembly => ({
  accountId: '000000000000',
  region: 'us-east-1',
  stackName: 'postlane',
  resources,
  outputs: {},
  byType: (type) => resources.filter((resource) => resource.type === type),
  byLogicalId: () => {
    throw new Error('not asked for by the SES stand-in');
  },
  byArn: () => undefined,
});

const EVENT_TYPES = ['send', 'delivery', 'bounce', 'complaint', 'deliveryDelay', 'reject'];

export const aDestination = (target: Record<string, unknown>, overrides: Record<string, unknown> = {}) =>
  aResource('AWS::SES::ConfigurationSetEventDestination', {
    ConfigurationSetName: 'transactional',
    EventDestination: { Enabled: true, MatchingEventTypes: EVENT_TYPES, ...target, ...overrides },
  });

export const toDefaultBus = {
  EventBridgeDestination: { EventBusArn: 'arn:aws:events:us-east-1:000000000000:event-bus/default' },
};

export const theResources = (destinations = [aDestination(toDefaultBus)]): HostedResource[] => [
  aResource('AWS::SES::EmailIdentity', {
    EmailIdentity: 'example.com',
    MailFromAttributes: { MailFromDomain: 'mail.example.com' },
  }),
  aResource('AWS::SES::ConfigurationSet', {
    Name: 'transactional',
    DeliveryOptions: { SendingPoolName: 'ses-shared-pool' },
  }),
  aResource('AWS::SES::ConfigurationSet', { Name: 'paused', SendingOptions: { SendingEnabled: false } }),
  ...destinations,
];

export const aSendInput = (overrides: Partial<SendEmailCommandInput> = {}): SendEmailCommandInput => ({
  FromEmailAddress: 'Acme <hello@example.com>',
  Destination: { ToAddresses: ['ada@example.net'] },
  Content: {
    Simple: {
      Subject: { Data: 'Hello', Charset: 'UTF-8' },
      Body: {
        Text: { Data: 'It works.', Charset: 'UTF-8' },
        Html: { Data: '<p>It works.</p>', Charset: 'UTF-8' },
      },
    },
  },
  ConfigurationSetName: 'transactional',
  EmailTags: [{ Name: 'postlane-message-id', Value: 'msg-1' }],
  ...overrides,
});

type SimplePart = NonNullable<NonNullable<SendEmailCommandInput['Content']>['Simple']>;

export const aSimpleInput = (simple: Partial<SimplePart>): SendEmailCommandInput => {
  const input = aSendInput();
  const base = input.Content?.Simple as SimplePart;
  return { ...input, Content: { Simple: { ...base, ...simple } } };
};

export interface SesWorld {
  readonly clock: Clock;
  readonly client: SESv2Client;
  readonly sink: Sink;
  readonly backend: SesBackend;
  /** Everything published to the default bus, in order. */
  readonly published: BusEvent[];
  /** Everything called through the gateway, in order. */
  readonly calls: ServiceRequest[];
  send(input?: SendEmailCommandInput): Promise<string>;
  /** The details published of one event type. */
  details(eventType: string): SesDetail[];
  /** Resolves once `count` events of a type are published. */
  waitFor(eventType: string, count?: number): Promise<SesDetail[]>;
  close(): Promise<void>;
}

export interface SesDetail {
  readonly eventType: string;
  readonly mail: { readonly messageId: string; readonly [name: string]: unknown };
  readonly [name: string]: unknown;
}

interface SesWorldOptions extends Partial<Omit<SesBackendOptions, 'clock' | 'deliverer'>> {
  readonly smtpPort?: number;
  readonly snsStatus?: number;
}

/** The stand-in with real HTTP before it, real SMTP behind it, and fakes that remember beside it. */
export async function startSesWorld(options: SesWorldOptions = {}): Promise<SesWorld> {
  const clock = createClock();
  const sink = await startSink({
    clock,
    product: 'Acme',
    sample: { apiKey: 'acme_key', from: 'hello@example.com' },
  });
  const published: BusEvent[] = [];
  const calls: ServiceRequest[] = [];
  const deliverer = createDeliverer({
    host: '127.0.0.1',
    port: options.smtpPort ?? sink.port,
    label: sink.label,
  });
  const backend = createSesBackend({
    assembly: anAssembly(),
    baseUrl: BASE_URL,
    random: Math.random,
    eventBus: { publish: (event) => void published.push(event) },
    gatewayCall: async (request) => {
      calls.push(request);
      return { status: options.snsStatus ?? 200, headers: {}, body: Buffer.alloc(0) };
    },
    ...options,
    clock,
    deliverer,
  });
  const { client, closeHttp } = await serveBackend(backend);
  const details = (eventType: string) =>
    published.map(({ detail }) => detail as SesDetail).filter((detail) => detail.eventType === eventType);

  return {
    ...{ clock, client, sink, backend, published, calls, details },
    send: async (input = aSendInput()) => (await client.send(new SendEmailCommand(input))).MessageId ?? '',
    waitFor: async (eventType, count = 1) => {
      await until(() => details(eventType).length >= count);
      return details(eventType);
    },
    close: async () => {
      backend.close();
      deliverer.close();
      await Promise.all([sink.close(), closeHttp()]);
    },
  };
}

async function serveBackend(backend: SesBackend) {
  const server = createServer(async (incoming, outgoing) => {
    const chunks = await incoming.toArray();
    const call = readSesCall(incoming.method ?? '', incoming.url?.split('?')[0] ?? '');
    const answer = await backend.handle({
      service: 'ses',
      operation: call?.operation ?? 'ListContacts',
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: {},
      body: Buffer.concat(chunks),
      caller: { kind: 'function', functionLogicalId: 'Send', functionName: 'send-message', workerId: '1' },
    });
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new SESv2Client({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  const closeHttp = async () => {
    client.destroy();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { client, closeHttp };
}

/** Replies of a scripted server; undefined accepts. */
export interface SmtpScript {
  readonly rcpt?: (address: string, attempt: number) => string | undefined;
  readonly data?: (attempt: number) => string | undefined;
}

/** A receiving server that refuses as told: `550 5.1.1 user unknown`. */
export async function startScriptedSmtp(script: SmtpScript) {
  const seen: { from: string; to: string[] }[] = [];
  const attempts = new Map<string, number>();
  let mails = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 100,
    onRcptTo: ({ address }, _session, done) => {
      const attempt = (attempts.get(address) ?? 0) + 1;
      attempts.set(address, attempt);
      done(toRefusal(script.rcpt?.(address, attempt)));
    },
    onData: (stream, { envelope }, done) => {
      stream.resume();
      stream.on('end', () => {
        mails += 1;
        const refusal = toRefusal(script.data?.(mails));
        if (!refusal && envelope.mailFrom)
          seen.push({ from: envelope.mailFrom.address, to: envelope.rcptTo.map(({ address }) => address) });
        done(refusal);
      });
    },
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    seen,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function toRefusal(reply: string | undefined): (Error & { responseCode: number }) | null {
  if (reply === undefined) return null;
  return Object.assign(new Error(reply.slice(4)), { responseCode: Number(reply.slice(0, 3)) });
}

/** The one object of an event besides `mail`. */
export const part = (detail: SesDetail | undefined, name: string): Record<string, unknown> => {
  const value = detail?.[name];
  if (typeof value !== 'object' || value === null) throw new Error(`the event has no ${name}`);
  return value as Record<string, unknown>;
};

/** Polls in real time. */
export const until = (holds: () => boolean): Promise<void> =>
  eventually(() => {
    if (!holds()) throw new Error('waited in vain');
  });
