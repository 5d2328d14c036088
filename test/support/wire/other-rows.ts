import { createApiKeysTable } from '../../../shared/access/adapters/api-keys-table.ts';
import {
  createSigningKeyMaker,
  createSigningKeys,
} from '../../../shared/access/adapters/signing-keys-table.ts';
import { createDomainsTable } from '../../../shared/domains/adapters/domains-table.ts';
import type { SendingDomain } from '../../../shared/domains/sending-domain.ts';
import { createFirstVisits } from '../../../shared/messages/adapters/first-visits-table.ts';
import type { SendJob } from '../../../shared/messages/contract/queue-body.ts';
import { createReputationTable } from '../../../shared/reputation/adapters/reputation-table.ts';
import { createDueMinutes } from '../../../shared/scheduling/adapters/due-minutes.ts';
import { createDueRowReader } from '../../../shared/scheduling/adapters/due-rows-reader.ts';
import { createDueRows } from '../../../shared/scheduling/adapters/due-rows-table.ts';
import { type DueWork, dueIdOf } from '../../../shared/scheduling/contract/due-rows.ts';
import { dueMinuteOf, dueShardOf } from '../../../shared/scheduling/due-row.ts';
import { createStreamStates } from '../../../shared/streams/adapters/stream-states-table.ts';
import { createSuppressionsTable } from '../../../shared/suppressions/adapters/suppressions-table.ts';
import { createTenantsTable } from '../../../shared/tenants/adapters/tenants-table.ts';
import { createWebhookDeliveriesTable } from '../../../shared/webhooks/adapters/webhook-deliveries-table.ts';
import { createWebhookHealthTable } from '../../../shared/webhooks/adapters/webhook-health-table.ts';
import { createWebhooksTable } from '../../../shared/webhooks/adapters/webhooks-table.ts';
import type { WebhookJob } from '../../../shared/webhooks/contract/webhook-job.ts';
import type { WebhookDelivery } from '../../../shared/webhooks/ports.ts';
import type { Webhook } from '../../../shared/webhooks/webhook.ts';
import type { WebhookHealth } from '../../../shared/webhooks/webhook-health.ts';
import { anId, NOON } from '../messages/message-builders.ts';
import { aDelivery } from '../webhooks/webhook-builders.ts';
import { BODIES } from './bodies.ts';
import { clock, type RowKind } from './row-kind.ts';

const TENANT = 'acme';

const bodyOf = <Job>(name: string): Job => BODIES.find((kind) => kind.name === name)?.body as Job;

const dueWork: Readonly<Record<string, DueWork>> = {
  'due-row-of-send-job-v2': { queue: 'send', job: bodyOf<SendJob>('send-job-table-v2') },
  'due-row-of-fetch-job-v2': { queue: 'fetch', job: bodyOf('fetch-job-v2') },
  'due-row-of-webhook-job-v2': { queue: 'webhook', job: bodyOf<WebhookJob>('webhook-deliver-job-v2') },
};

const dueRowKinds = Object.entries(dueWork).map(
  ([name, work]): RowKind => ({
    name,
    write: (client) =>
      createDueRows({ client, tableName: 'messages', minutes: { mark: async () => {} } }).put([
        { dueEpochMs: NOON, work },
      ]),
    read: (client) =>
      createDueRowReader({ client, tableName: 'messages' }).page(
        dueMinuteOf(NOON),
        dueShardOf(dueIdOf(work)),
      ),
  }),
);

const domain: SendingDomain = {
  domainId: anId(NOON, 1),
  owner: TENANT,
  name: 'example.org',
  createdAt: '2026-12-01T12:00:00.000Z',
  isAdopted: false,
  mailFromDomain: 'send.example.org',
  settings: {
    openTracking: true,
    clickTracking: false,
    tls: 'enforced',
    isSendingEnabled: true,
    trackingSubdomain: 'links',
  },
  isVerifyAsked: true,
  identity: {
    isVerifiedForSending: true,
    verification: 'success',
    dkim: 'success',
    dkimTokens: ['token'],
    dkimZone: 'dkim.amazonses.com',
    mailFrom: { domain: 'send.example.org', check: 'pending' },
  },
  identityReadAtEpochMs: NOON,
  dns: { 'TXT example.org': { result: 'unknown', found: ['v=spf1'], known: 'right' } },
};

const webhook: Webhook = {
  webhookId: anId(NOON, 2),
  tenant: TENANT,
  endpoint: 'https://hooks.example.com/',
  events: ['email.sent', 'email.bounced'],
  status: 'disabled',
  disabledReason: 'gone',
  secrets: [{ secret: 'whsec_new' }, { secret: 'whsec_old', validUntilEpochMs: NOON + 86_400_000 }],
  createdAt: '2026-12-01T12:00:00.000Z',
};

const health: WebhookHealth = {
  isQuick: false,
  silence: { count: 2, slowUntilEpochMs: NOON + 120_000 },
  failures: 6,
  failingSinceEpochMs: NOON - 600_000,
  lastFailureEpochMs: NOON - 1_000,
  breaker: { openings: 1, openUntilEpochMs: NOON + 5_000, probeUntilEpochMs: NOON + 30_000 },
};

const delivered: WebhookDelivery = aDelivery();
const failed: WebhookDelivery = {
  ...aDelivery({}, NOON + 5_000, 'another fact'),
  state: 'pending',
  nextAttemptAt: '2026-12-01T12:05:00.000Z',
};

export const CATALOG_ROWS: readonly RowKind[] = [
  {
    name: 'api-key-row-v1',
    write: (client) =>
      createApiKeysTable({ client, tableName: 'catalog', clock }).put({
        apiKeyId: anId(NOON, 1),
        tenant: TENANT,
        permission: 'sending_access',
        domain: 'example.org',
        stream: 'news',
        name: 'Shop',
        tokenHash: 'hash',
        createdAt: '2026-12-01T12:00:00.000Z',
      }),
    read: (client) => createApiKeysTable({ client, tableName: 'catalog', clock }).find(anId(NOON, 1)),
  },
  {
    name: 'signing-key-row-v1',
    write: (client) => createSigningKeyMaker({ client, tableName: 'catalog' }).putIfAbsent('c2VjcmV0'),
    read: (client) => createSigningKeys({ client, tableName: 'catalog' }).current(),
  },
  {
    name: 'domain-row-v1',
    async write(client) {
      const domains = createDomainsTable({ client, tableName: 'catalog' });
      await domains.claimName(domain.domainId, TENANT);
      await domains.putIfAbsent(domain);
    },
    async read(client) {
      const domains = createDomainsTable({ client, tableName: 'catalog' });
      const owner = await domains.claimName(domain.domainId, 'another');
      return { owner, domain: await domains.get(TENANT, domain.domainId) };
    },
  },
  {
    name: 'stream-row-v1',
    async write(client) {
      const states = createStreamStates({ client, tableName: 'catalog', clock });
      await states.pause('news', { by: 'guard', reason: 'bounce_rate: 5 %', nowEpochMs: NOON });
      await states.startWarmUp('news', '2026-12-01', { unlessStarted: true });
      await states.setPoolIps('news', ['192.0.2.1'], NOON);
    },
    read: (client) => createStreamStates({ client, tableName: 'catalog', clock }).get('news'),
  },
  {
    name: 'tenant-row-v1',
    async write(client) {
      const tenants = createTenantsTable({ client, tableName: 'catalog', clock });
      const createdAt = '2026-12-01T12:00:00.000Z';
      await tenants.putIfAbsent({ name: TENANT, status: 'active', createdAt, dailyRecipients: 5 });
      await tenants.pause(TENANT, { by: 'ses', reason: 'disabled', nowEpochMs: NOON });
    },
    read: (client) => createTenantsTable({ client, tableName: 'catalog', clock }).read(TENANT),
  },
  {
    name: 'reputation-row-v1',
    write: (client) =>
      createReputationTable(client, 'catalog').add('stream#news', [
        { kind: 'sent', mailSentAtEpochMs: NOON },
        { kind: 'bounced', mailSentAtEpochMs: NOON },
      ]),
    read: (client) => createReputationTable(client, 'catalog').get('stream#news'),
  },
  {
    name: 'due-minute-row-v1',
    write: (client) => createDueMinutes(client, 'catalog').mark('2026-12-01T12:00', new Set([7, 9])),
    read: (client) => createDueMinutes(client, 'catalog').list('2026-12-01T00:00', '2026-12-02T00:00'),
  },
  {
    name: 'webhook-row-v1',
    write: (client) => createWebhooksTable(client, 'catalog').put(webhook),
    read: (client) => createWebhooksTable(client, 'catalog').get(TENANT, webhook.webhookId),
  },
  {
    name: 'webhook-health-row-v1',
    write: (client) =>
      createWebhookHealthTable({ client, tableName: 'catalog', clock }).change('webhook-1', () => ({
        answer: undefined,
        state: health,
      })),
    read: (client) => createWebhookHealthTable({ client, tableName: 'catalog', clock }).find('webhook-1'),
  },
];

export const OTHER_ROWS: readonly RowKind[] = [
  ...dueRowKinds,
  {
    name: 'suppression-row-v1',
    async write(client) {
      const list = createSuppressionsTable({ client, tableName: 'suppressions' }).forScope('stream:news');
      const createdAt = '2026-12-01T12:00:00.000Z';
      const entry = { suppressionId: anId(NOON, 1), address: 'ann+a@example.net', createdAt };
      await list.add({ ...entry, origin: 'bounce', reason: 'General', sourceMessageId: anId(NOON, 2) });
      await list.add({ ...entry, suppressionId: anId(NOON, 3), origin: 'complaint', reason: 'abuse' });
    },
    async read(client) {
      const list = createSuppressionsTable({ client, tableName: 'suppressions' }).forScope('stream:news');
      return { entry: await list.get('ann+a@example.net'), page: await list.list({ limit: 10 }) };
    },
  },
  {
    name: 'webhook-successes-row-v1',
    write: (client) =>
      createWebhookDeliveriesTable({ client, tableName: 'events', clock }).putSuccesses('w', [delivered]),
    read: (client) =>
      createWebhookDeliveriesTable({ client, tableName: 'events', clock }).list('w', { limit: 10 }),
  },
  {
    name: 'webhook-delivery-row-v2',
    write: (client) => createWebhookDeliveriesTable({ client, tableName: 'events', clock }).put('w', failed),
    read: (client) =>
      createWebhookDeliveriesTable({ client, tableName: 'events', clock }).list('w', { limit: 10 }),
  },
  {
    name: 'first-visit-row-v1',
    write: (client) =>
      createFirstVisits({ client, tableName: 'events', clock }).claim(TENANT, 'm', 'email.opened', 'msg_1'),
    async read(client) {
      const visits = createFirstVisits({ client, tableName: 'events', clock });
      const claim = (eventId: string) => visits.claim(TENANT, 'm', 'email.opened', eventId);
      return { first: await claim('msg_1'), second: await claim('msg_2') };
    },
  },
];
