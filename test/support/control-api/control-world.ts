import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { apiKeyRoutes } from '../../../functions/control-api/access/api-keys.ts';
import { createControlApi } from '../../../functions/control-api/control-api.ts';
import { domainRoutes } from '../../../functions/control-api/domains/domains.ts';
import type { EmailDeps } from '../../../functions/control-api/emails/email-deps.ts';
import { emailRoutes } from '../../../functions/control-api/emails/emails.ts';
import { eventLogRoutes } from '../../../functions/control-api/events/event-log.ts';
import { metricsRoutes } from '../../../functions/control-api/metrics/show-metrics.ts';
import { sendRoutes } from '../../../functions/control-api/sends/sends.ts';
import { streamRoutes } from '../../../functions/control-api/streams/streams.ts';
import { suppressionRoutes } from '../../../functions/control-api/suppressions/suppressions.ts';
import { createUnsubscribe } from '../../../functions/control-api/suppressions/unsubscribe.ts';
import { tenantRoutes } from '../../../functions/control-api/tenants/tenants.ts';
import { webhookRoutes } from '../../../functions/control-api/webhooks/webhooks.ts';
import { decodePath } from '../../../local/src/http-api/request-event.ts';
import { createApiKeysTable } from '../../../shared/access/adapters/api-keys-table.ts';
import {
  createBootstrapKeys,
  createBootstrapTokens,
} from '../../../shared/access/adapters/bootstrap-keys-table.ts';
import {
  createSigningKeyMaker,
  createSigningKeys,
} from '../../../shared/access/adapters/signing-keys-table.ts';
import type { ApiKeyRecord } from '../../../shared/access/api-key.ts';
import { createToken, hashToken } from '../../../shared/access/api-key-token.ts';
import { createAuthenticate } from '../../../shared/access/services/authenticate.ts';
import { createDomainsTable } from '../../../shared/domains/adapters/domains-table.ts';
import { createEventLogReader } from '../../../shared/event-log/adapters/event-log-reader.ts';
import type { LogPosition } from '../../../shared/event-log/ports.ts';
import type { PublishedEvent } from '../../../shared/events/published-event.ts';
import type { MessageContent } from '../../../shared/mail/mail-content.ts';
import { type Fact, factKey } from '../../../shared/messages/delivery-event.ts';
import type { Message } from '../../../shared/messages/message.ts';
import type { Messages } from '../../../shared/messages/ports.ts';
import { createPaceTable } from '../../../shared/pace/adapters/pace-table.ts';
import { createReputationTable } from '../../../shared/reputation/adapters/reputation-table.ts';
import { readEnglishTime } from '../../../shared/runtime/english-time.ts';
import { httpStack } from '../../../shared/runtime/http-stack.ts';
import { createIds } from '../../../shared/runtime/ids.ts';
import { registrableDomainOf } from '../../../shared/runtime/registrable-domain.ts';
import type { DueRow } from '../../../shared/scheduling/contract/due-rows.ts';
import { createStreamStates } from '../../../shared/streams/adapters/stream-states-table.ts';
import type { Streams } from '../../../shared/streams/stream.ts';
import type { SendInput } from '../../../shared/submission/contract/send-body.ts';
import { createSuppressionsTable } from '../../../shared/suppressions/adapters/suppressions-table.ts';
import { createTenantUsage } from '../../../shared/tenants/adapters/tenant-usage-table.ts';
import { createTenantsTable } from '../../../shared/tenants/adapters/tenants-table.ts';
import { createWarmUpLedger } from '../../../shared/warm-up/adapters/warm-up-ledger-table.ts';
import { createWebhookDeliveriesTable } from '../../../shared/webhooks/adapters/webhook-deliveries-table.ts';
import { createWebhookHealthTable } from '../../../shared/webhooks/adapters/webhook-health-table.ts';
import { createWebhooksTable } from '../../../shared/webhooks/adapters/webhooks-table.ts';
import { formatWebhookSecret } from '../../../shared/webhooks/webhook-secret.ts';
import { rememberedDns, rememberedIdentities } from '../domains/domain-world.ts';
import { createMemoryEventLog } from '../event-log/memory-event-log.ts';
import { NOON } from '../messages/message-builders.ts';
import { createMemoryMetricCounters } from '../metrics/memory-metric-counters.ts';
import { buildStreams, TENANTS } from '../streams/stream-builders.ts';
import { rememberedSesTenants } from '../tenants/ses-tenants.ts';

export const SECRET = Buffer.alloc(32, 7).toString('base64');
const CATALOG = 'catalog';

interface ControlWorldOptions {
  readonly sendingDomains?: readonly string[];
  readonly region?: string;
  readonly streams?: Streams;
  /** As in the local cloud: webhooks may stay on this machine. */
  readonly areLocalWebhooksAllowed?: boolean;
}

/**
 * The control API over HTTP on a free port, as API Gateway would call it. Keys and suppressions are in a real emulator;
 * messages, content, objects, log and counters are in memory, and what reaches the sending use case is remembered.
 */
export async function startControlWorld(client: DynamoDBClient, options: ControlWorldOptions = {}) {
  const timelines = new Map<string, { message: Message; facts: readonly Fact[] }>();
  const contents = new Map<string, MessageContent>();
  const objects = new Map<string, Uint8Array>();
  const sends: SendInput[] = [];
  const lines: string[] = [];
  const eventLog = createMemoryEventLog();
  const counters = createMemoryMetricCounters();
  const time = { nowEpochMs: NOON };
  const clock = { nowEpochMs: () => time.nowEpochMs };
  const catalog = { client, tableName: CATALOG };
  const [identities, dns] = [
    rememberedIdentities(options.sendingDomains ?? ['example.com']),
    rememberedDns(),
  ];
  const streams = options.streams ?? buildStreams(undefined, TENANTS);
  const sesTenants = rememberedSesTenants();
  const tenants = createTenantsTable({ ...catalog, clock });
  const log = { info: remember, warn: remember, error: remember, count: remember };
  function remember(event: string, fields?: unknown) {
    lines.push(`${event} ${JSON.stringify(fields)}`);
  }
  const apiKeys = createApiKeysTable({ ...catalog, clock });
  const signingKeys = createSigningKeys(catalog);
  await createSigningKeyMaker(catalog).putIfAbsent(SECRET);

  const webhooks = createWebhooksTable(client, CATALOG);
  const webhookHealth = createWebhookHealthTable({ client, tableName: CATALOG, clock });
  const webhookDeliveries = createWebhookDeliveriesTable({ client, tableName: 'events', clock });
  const loggedEvents: PublishedEvent[] = [];
  const queued: {
    readonly queue: 'send' | 'fetch' | 'webhook';
    readonly job: unknown;
    readonly delaySeconds?: number;
  }[] = [];
  const dueRows: DueRow[] = [];
  const queues = { areDown: false };
  const queueOf = (queue: 'send' | 'fetch' | 'webhook') => ({
    enqueue: async (job: unknown, delaySeconds?: number) => {
      if (queues.areDown) throw new Error('The queue is down.');
      queued.push({ queue, job, ...(delaySeconds === undefined ? {} : { delaySeconds }) });
    },
  });

  const configuredDomains = options.sendingDomains ?? ['example.com'];
  const messages = rememberedMessages(timelines, contents);
  const domains = createDomainsTable(catalog);
  const suppressions = createSuppressionsTable({ client, tableName: 'suppressions' });
  const reputations = createReputationTable(client, CATALOG);
  const ids = createIds(clock);
  const region = options.region ?? 'us-east-1';
  const logReader = createEventLogReader({ client, tableName: 'events', clock });

  const controlApi = createControlApi({
    authenticate: createAuthenticate({ apiKeys, signingKeys, streams }),
    unsubscribe: createUnsubscribe({ messages, suppressions, signingKeys, ids, clock }),
    sends: sendRoutes({
      acceptMessage: async (input) => {
        sends.push(input);
        return { status: 200, body: { id: 'accepted' } };
      },
    }),
    forTenants: [
      metricsRoutes({ messages, blocks: eventLog.reader, counters: counters.port, clock }),
      emailRoutes({
        messages,
        objects: rememberedObjects(objects),
        dueRows: { put: async (rows) => void dueRows.push(...rows) },
        sendQueue: queueOf('send'),
        fetchQueue: queueOf('fetch'),
        readEnglishTime,
        clock,
        region,
        settings: { messageKeepDays: 30, streams: buildStreams() },
      }),
      apiKeyRoutes({
        apiKeys,
        bootstrapTokens: createBootstrapTokens(catalog),
        signingKeys,
        clock,
        ids,
        configuredDomains,
        domains,
        streams,
        tenants,
      }),
      domainRoutes({
        region,
        zoneOf: registrableDomainOf,
        domains,
        identities: identities.port,
        sesTenants: sesTenants.port,
        dns: dns.port,
        clock,
        log,
        streams,
        configuredDomains,
      }),
      suppressionRoutes({ suppressions, streams, clock, ids }),
      webhookRoutes({
        webhooks,
        webhookHealth,
        webhookDeliveries,
        eventLog: {
          get: async (tenant, { index }) => {
            const event = loggedEvents[index];
            return event?.tenant === tenant ? event : undefined;
          },
        },
        slowWebhookQueue: queueOf('webhook'),
        newWebhookSecret: () => formatWebhookSecret(randomBytes(32)),
        webhookRules: { isLocalAllowed: options.areLocalWebhooksAllowed ?? false },
        clock,
        ids,
        log,
      }),
      eventLogRoutes({ eventLog: logReader }),
    ],
    forOperator: [
      streamRoutes({
        streams,
        streamStates: createStreamStates({ ...catalog, clock }),
        ledger: createWarmUpLedger(client, CATALOG),
        reputations,
        pace: createPaceTable(client, CATALOG),
        clock,
      }),
      tenantRoutes({
        sesTenants: sesTenants.port,
        streams,
        configuredDomains,
        domains,
        tenants,
        tenantUsage: createTenantUsage(client, CATALOG),
        reputations,
        clock,
      }),
    ],
  });
  const server = await serve(httpStack(controlApi, log));

  return {
    ...{
      sesTenants,
      tenants,
      timelines,
      contents,
      objects,
      queued,
      dueRows,
      sends,
      lines,
      time,
      apiKeys,
      identities,
      dns,
      ...{ webhooks, webhookHealth, webhookDeliveries },
      queues,
      eventLog,
      counters,
    },
    bootstrapKeys: createBootstrapKeys(catalog),
    url: server.url,
    stop: server.stop,

    async key(overrides: Partial<ApiKeyRecord> = {}): Promise<string> {
      const claims = {
        ...{ apiKeyId: createIds(clock).next(), tenant: 'default', permission: 'full_access' as const },
        ...overrides,
      };
      const token = createToken(claims, SECRET);
      const createdAt = new Date(time.nowEpochMs).toISOString();
      await apiKeys.put({
        ...claims,
        name: overrides.name ?? 'a key',
        tokenHash: hashToken(token),
        createdAt,
      });
      return token;
    },

    put(message: Message, content?: MessageContent, facts: readonly Fact[] = []) {
      timelines.set(message.messageId, { message, facts });
      if (content !== undefined) contents.set(message.messageId, content);
    },

    /** Puts an event into the log, and says where it stands. */
    log(event: PublishedEvent): LogPosition {
      return { partition: 0, block: 0, index: loggedEvents.push(event) - 1 };
    },

    /** Any request, with the body as JSON. */
    async request(method: string, path: string, token?: string, body?: unknown) {
      const answer = await fetch(server.url + path, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await answer.text();
      // biome-ignore lint/suspicious/noExplicitAny: answers are read as a caller would read JSON
      const json: any = text === '' ? undefined : JSON.parse(text);
      return { status: answer.status, headers: answer.headers, body: json };
    },
  };
}

export type ControlWorld = Awaited<ReturnType<typeof startControlWorld>>;

function rememberedMessages(
  timelines: Map<string, { message: Message; facts: readonly Fact[] }>,
  contents: Map<string, MessageContent>,
): EmailDeps['messages'] & Pick<Messages, 'appendFact'> {
  return {
    async listMessages(tenant, { limit, after, before }) {
      const all = [...timelines.values()]
        .filter(({ message }) => message.tenant === tenant)
        .filter(({ message: { messageId } }) => after === undefined || messageId < after)
        .filter(({ message: { messageId } }) => before === undefined || messageId > before)
        .sort((one, other) => (one.message.messageId < other.message.messageId ? 1 : -1));
      const messages = before === undefined ? all.slice(0, limit) : all.slice(-limit);
      return { messages, hasMore: all.length > limit };
    },
    getTimeline: async (tenant, messageId) => {
      const timeline = timelines.get(messageId);
      return timeline?.message.tenant === tenant ? timeline : undefined;
    },
    getMessage: async (tenant, messageId) => {
      const message = timelines.get(messageId)?.message;
      return message?.tenant === tenant ? message : undefined;
    },
    getContent: async (messageId) => contents.get(messageId),
    putContent: async (messageId, content) => void contents.set(messageId, content),
    async appendFact(_tenant, fact) {
      const timeline = timelines.get(fact.messageId);
      if (timeline === undefined || timeline.facts.some((known) => factKey(known) === factKey(fact)))
        return false;
      timelines.set(fact.messageId, { ...timeline, facts: [...timeline.facts, fact] });
      return true;
    },
    async advance(_tenant, messageId, from, { to, ...values }) {
      const timeline = timelines.get(messageId);
      if (timeline?.message.status !== from.status) return false;
      timelines.set(messageId, { ...timeline, message: { ...timeline.message, ...values, status: to } });
      return true;
    },
  };
}

function rememberedObjects(objects: Map<string, Uint8Array>): EmailDeps['objects'] {
  return {
    get: async (key) => objects.get(key),
    put: async (key, bytes) => void objects.set(key, bytes),
    sizeOf: async (key) => objects.get(key)?.length,
    signedUrl: async (key, seconds, filename) =>
      `https://bucket.example/${key}?expires=${seconds}&filename=${encodeURIComponent(filename)}`,
  };
}

/** A parameter that is repeated arrives once, with commas. */
const joined = (query: URLSearchParams) =>
  Object.fromEntries([...query.keys()].map((name) => [name, query.getAll(name).join(',')]));

async function serve(handler: ReturnType<typeof httpStack>) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = request.url ?? '/';
    const path = decodePath(url);
    const event = {
      version: '2.0',
      rawPath: path,
      queryStringParameters: joined(new URLSearchParams(url.split('?')[1])),
      headers: request.headers,
      requestContext: { http: { method: request.method, path } },
      body: Buffer.concat(chunks).toString('base64'),
      isBase64Encoded: true,
    } as unknown as APIGatewayProxyEventV2;
    const answer = await handler(event, {} as Context);
    const { statusCode = 500, headers = {}, body } = answer as Exclude<typeof answer, string>;
    response.writeHead(statusCode, headers as Record<string, string>).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
