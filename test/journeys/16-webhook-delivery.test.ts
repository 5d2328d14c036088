import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { Resend } from 'resend';
import { createWebhookDeliveriesTable } from '../../shared/webhooks/adapters/webhook-deliveries-table.ts';
import { createWebhooksTable } from '../../shared/webhooks/adapters/webhooks-table.ts';
import type { WebhookJob, WebhookQueueJob } from '../../shared/webhooks/contract/webhook-job.ts';
import type { WebhookDeliveries, Webhooks } from '../../shared/webhooks/ports.ts';
import type { Webhook } from '../../shared/webhooks/webhook.ts';
import { startDynalite } from '../support/aws/dynalite.ts';
import { eventually } from '../support/base/eventually.ts';
import { passMinutes } from '../support/journeys/journey.ts';
import { startTestCloud, type TestCloud } from '../support/journeys/local-cloud.ts';
import { deadLettersIn, put, queueLike } from '../support/journeys/queues.ts';
import { aWebhook } from '../support/webhooks/webhook-builders.ts';
import { startEndpoint } from '../support/webhooks/webhook-endpoint.ts';
import { anEvent, aWebhookJob } from '../support/webhooks/webhook-world.ts';

/** The functions as the template makes them, with the rights that it gives them, and an endpoint over real HTTP. */
describe('events on their way to a webhook', () => {
  let cloud: TestCloud;
  let client: DynamoDBClient;
  let webhooks: Webhooks;
  let deliveries: WebhookDeliveries;
  let endpoint: Awaited<ReturnType<typeof startEndpoint>>;
  const closers: (() => Promise<unknown>)[] = [];

  before(async () => {
    const tables = await startDynalite();
    ({ client } = tables);
    const { hostname, port } = (await client.config.endpoint?.()) ?? {};
    endpoint = await startEndpoint();
    cloud = await startTestCloud({
      environment: { AWS_ENDPOINT_URL_DYNAMODB: `http://${hostname}:${port}` },
    });
    const { TableNames = [] } = await client.send(new ListTablesCommand({}));
    const tableOf = (name: string) => TableNames.find((each) => each.includes(`Store${name}`)) ?? '';
    webhooks = createWebhooksTable(client, tableOf('Catalog'));
    const clock = { nowEpochMs: Date.now };
    deliveries = createWebhookDeliveriesTable({ client, tableName: tableOf('Events'), clock });
    closers.push(() => cloud.close(), endpoint.close, tables.stop);
  });
  after(async () => {
    for (const close of closers) await close();
  });

  let made = 0;
  async function aWebhookHere(): Promise<Webhook> {
    made += 1;
    const webhookId = `01a207d9-2101-7000-8000-${String(made).padStart(12, '0')}`;
    const webhook = aWebhook({ webhookId, endpoint: endpoint.url });
    await webhooks.put(webhook);
    endpoint.seen.length = 0;
    return webhook;
  }

  const jobFor = ({ webhookId }: Webhook, fact: string): WebhookJob =>
    aWebhookJob({ webhookId, event: anEvent({ fact, createdAtEpochMs: Date.now() }), queue: 'quick' });
  const enqueue = (queue: 'Quick' | 'Slow', job: WebhookQueueJob) =>
    put(cloud, new RegExp(`Webhooks${queue}Queue`), JSON.stringify(job));
  const untilSeen = (count: number) => eventually(async () => assert.equal(endpoint.seen.length, count));
  const untilState = (job: WebhookJob, state: string) =>
    eventually(async () => assert.equal((await deliveries.get(job.webhookId, job.event.id))?.state, state));

  test('events arrive at a webhook signed, first from the slow queue and then from the quick one', async () => {
    const webhook = await aWebhookHere();
    const [first, second] = [jobFor(webhook, 'first'), jobFor(webhook, 'second')];
    await enqueue('Quick', first);
    await untilState(first, 'success');
    await enqueue('Quick', second);
    await untilState(second, 'success');
    const { headers, body } = endpoint.seen[1] ?? { headers: {}, body: '' };
    const payload = new Resend('re_any').webhooks.verify({
      payload: body,
      webhookSecret: webhook.secrets[0]?.secret ?? '',
      headers: {
        id: String(headers['svix-id']),
        timestamp: String(headers['svix-timestamp']),
        signature: String(headers['svix-signature']),
      },
    });
    assert.deepEqual(payload, {
      ...{ type: 'email.delivered', created_at: second.event.createdAt },
      data: second.event.data,
    });
    assert.equal(endpoint.seen.length, 2);
  });

  test('events are tried again after seconds, minutes, and, as due rows, after that', async () => {
    const webhook = await aWebhookHere();
    const job = jobFor(webhook, 'unlucky');
    endpoint.answers.push(500, 503, 302);
    await enqueue('Slow', { ...job, queue: 'slow' });
    await untilSeen(1);
    await untilState(job, 'pending');
    await cloud.advance(6);
    await untilSeen(2);
    await eventually(async () =>
      assert.equal((await deliveries.get(job.webhookId, job.event.id))?.attempts.length, 2),
    );
    await cloud.advance(5 * 66);
    await untilSeen(3);
    await eventually(async () =>
      assert.equal((await deliveries.get(job.webhookId, job.event.id))?.attempts.length, 3),
    );
    for (let minute = 0; minute < 36 && endpoint.seen.length < 4; minute += 1) {
      await passMinutes(cloud, 1);
    }
    await untilState(job, 'success');
    const { attempts = [] } = (await deliveries.get(job.webhookId, job.event.id)) ?? {};
    assert.deepEqual(
      attempts.map(({ httpStatusCode, response }) => [httpStatusCode, response]),
      [500, 503, 302, 200].map((status) => [status, 'heard']),
    );
    assert.equal(new Set(endpoint.seen.map(({ headers }) => headers['webhook-id'])).size, 1);
    assert.equal(new Set(endpoint.seen.map(({ headers }) => headers['webhook-timestamp'])).size, 4);
  });

  test('events for a webhook end with an endpoint that is gone', async () => {
    const webhook = await aWebhookHere();
    const job = jobFor(webhook, 'gone');
    endpoint.answers.push(410);
    await enqueue('Quick', job);
    await untilState(job, 'failed');
    const { status, disabledReason } = (await webhooks.get(webhook.tenant, webhook.webhookId)) ?? {};
    assert.deepEqual([status, disabledReason], ['disabled', 'gone']);
    assert.match(cloud.output(), /webhook_disabled/);
  });

  test('events are looked for again by a replay, with nothing left in any dead-letter queue', async () => {
    const webhook = await aWebhookHere();
    const replay = { version: 2, kind: 'replay', queue: 'slow', waits: 0 } as const;
    const range = { fromEpochMs: Date.now() - 86_400_000, untilEpochMs: Date.now() + 86_400_000 };
    const { tenant, webhookId } = webhook;
    for (const which of ['all', 'failed'] as const)
      await enqueue('Slow', { ...replay, ...range, tenant, webhookId, which });
    await eventually(async () => {
      const { ready, inFlight } = await queueLike(cloud, /WebhooksSlowQueue/);
      assert.equal(ready + inFlight, 0);
    });
    assert.equal(await deadLettersIn(cloud), 0);
    assert.doesNotMatch(cloud.output(), /webhook_requeued|AccessDenied|record_failed/);
  });
});
