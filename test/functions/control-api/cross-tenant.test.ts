import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { createEventLog } from '../../../shared/event-log/adapters/event-log-table.ts';
import { encodeLogCursor } from '../../../shared/event-log/contract/event-log-cursor.ts';
import { createIds } from '../../../shared/runtime/ids.ts';
import { newTenant } from '../../../shared/tenants/tenant.ts';
import { startDynalite } from '../../support/aws/dynalite.ts';
import { type ControlWorld, startControlWorld } from '../../support/control-api/control-world.ts';
import { anEntry, anEvent } from '../../support/event-log/log-builders.ts';
import { aMessage, anId, NOON } from '../../support/messages/message-builders.ts';
import { emptyContent } from '../../support/messages/sweep-world.ts';
import { buildStreams, TENANTS } from '../../support/streams/stream-builders.ts';
import { aDelivery, anAttempt } from '../../support/webhooks/webhook-builders.ts';

const TENANT_NAMES = ['acme', 'globex', 'default'] as const;

type IdName =
  | 'email'
  | 'scheduled'
  | 'attachment'
  | 'key'
  | 'domain'
  | 'suppression'
  | 'webhook'
  | 'event'
  | 'cursor';

/** What a tenant has, by the ids that its routes take. */
interface Belongings {
  readonly token: string;
  readonly ids: Readonly<Record<IdName, string>>;
  readonly address: string;
}

/** Every route that takes an id, and the lists; `{x}` is an id of the one who is not asking. */
const ROUTES: readonly [method: string, path: string, body?: object][] = [
  ['GET', '/emails'],
  ['GET', '/emails?after={email}'],
  ['GET', '/emails?before={email}'],
  ['GET', '/emails/{email}'],
  ['GET', '/emails/{email}/attachments'],
  ['GET', '/emails/{email}/attachments/{attachment}'],
  ['PATCH', '/emails/{scheduled}', { scheduled_at: 'in 5 hours' }],
  ['POST', '/emails/{scheduled}/cancel'],
  ['GET', '/api-keys'],
  ['GET', '/api-keys?after={key}'],
  ['PATCH', '/api-keys/{key}', { name: 'taken over' }],
  ['DELETE', '/api-keys/{key}'],
  ['GET', '/domains'],
  ['GET', '/domains?after={domain}'],
  ['GET', '/domains/{domain}'],
  ['PATCH', '/domains/{domain}', { open_tracking: true }],
  ['POST', '/domains/{domain}/verify'],
  ['DELETE', '/domains/{domain}'],
  ['POST', '/api-keys', { name: 'bound', permission: 'sending_access', domain_id: '{domain}' }],
  ['GET', '/suppressions'],
  ['GET', '/suppressions?after={suppression}'],
  ['GET', '/suppressions/{suppression}'],
  ['GET', '/suppressions/{address}'],
  ['DELETE', '/suppressions/{suppression}'],
  ['DELETE', '/suppressions/{address}'],
  ['POST', '/suppressions/batch/remove', { ids: ['{suppression}'] }],
  ['POST', '/suppressions/batch/remove', { emails: ['{address}'] }],
  ['GET', '/webhooks'],
  ['GET', '/webhooks?after={webhook}'],
  ['GET', '/webhooks/{webhook}'],
  ['PATCH', '/webhooks/{webhook}', { endpoint: 'https://taken-over.example.com/' }],
  ['POST', '/webhooks/{webhook}/signing-secret/rotate'],
  ['GET', '/webhooks/{webhook}/events'],
  ['GET', '/webhooks/{webhook}/events?after={event}'],
  ['GET', '/webhooks/{webhook}/events/{event}'],
  ['GET', '/webhooks/{webhook}/events/{event}/attempts'],
  ['POST', '/webhooks/{webhook}/events/{event}/replay'],
  ['POST', '/webhooks/{webhook}/replay', { status: 'all', from: '2026-11-23' }],
  ['DELETE', '/webhooks/{webhook}'],
  ['GET', '/event-log'],
  ['GET', '/event-log?email_id={email}'],
  ['GET', '/event-log?after={cursor}'],
  ['GET', '/streams'],
  ['PATCH', '/streams/transactional', { status: 'active' }],
  ['GET', '/tenants'],
  ['PATCH', '/tenants/globex', { status: 'active' }],
];

describe('no route, key or id of one tenant reads or changes what another has', () => {
  let client: DynamoDBClient;
  let world: ControlWorld;
  let stopDynalite: () => Promise<void>;
  const belongings = new Map<string, Belongings>();

  before(async () => {
    ({ client, stop: stopDynalite } = await startDynalite());
    world = await startControlWorld(client, { streams: buildStreams(undefined, TENANTS) });
    for (const [index, name] of TENANT_NAMES.entries()) {
      if (name !== 'default') await world.tenants.putIfAbsent(newTenant(name, ''));
      belongings.set(name, await furnish(name, index));
    }
  });
  after(async () => {
    await world.stop();
    await stopDynalite();
  });

  const ask = async (token: string, method: string, path: string, body?: unknown) => {
    const answer = await world.request(method, path, token, body);
    return { status: answer.status, text: JSON.stringify(answer.body), body: answer.body as { id: string } };
  };

  async function furnish(tenant: string, index: number): Promise<Belongings> {
    const token = await world.key({ tenant, name: `key of ${tenant}` });
    const address = `reader-${tenant}@example.org`;
    const attachmentId = anId(NOON, 500 + index);
    const attachment = {
      attachmentId,
      filename: `${tenant}.txt`,
      contentType: 'text/plain',
      objectKey: tenant,
    };
    const email = aMessage({ tenant, messageId: anId(NOON, 100 + index), subject: `secret of ${tenant}` });
    const scheduled = aMessage({
      ...{ tenant, messageId: anId(NOON, 200 + index), subject: `plan of ${tenant}` },
      ...{ status: 'scheduled', scheduledAtEpochMs: NOON + 3_600_000 },
    });
    for (const message of [email, scheduled])
      world.put(message, emptyContent({ text: `text of ${tenant}`, attachments: [attachment] }));
    const key = await ask(token, 'POST', '/api-keys', { name: `second of ${tenant}` });
    const domain = await ask(token, 'POST', '/domains', { name: `${tenant}.example.net` });
    const suppression = await ask(token, 'POST', '/suppressions', { email: address });
    const webhook = await ask(token, 'POST', '/webhooks', {
      ...{ endpoint: `https://hooks.${tenant}.example.com/`, events: ['email.delivered'] },
    });
    const event = await deliver(tenant, webhook.body.id);
    await tell(tenant, email.messageId);
    return {
      ...{ token, address },
      ids: {
        ...{ email: email.messageId, scheduled: scheduled.messageId, attachment: attachmentId },
        ...{ key: key.body.id, domain: domain.body.id, suppression: suppression.body.id },
        ...{ webhook: webhook.body.id, event },
        cursor: encodeLogCursor({ block: 1, index: 1 }),
      },
    };
  }

  /** An event in the tenant's log that its webhook was told of. */
  async function deliver(tenant: string, webhookId: string): Promise<string> {
    const delivery = aDelivery(
      { attempts: [anAttempt(0, { response: `answer to ${tenant}` })] },
      NOON,
      tenant,
    );
    const { eventId: id, createdAt } = delivery;
    const data = { subject: `event of ${tenant}` };
    const position = world.log({ id, type: 'email.delivered', tenant, createdAt, data });
    await world.webhookDeliveries.put(webhookId, { ...delivery, position });
    return id;
  }

  /** Two events, with a cursor between them. */
  async function tell(tenant: string, messageId: string): Promise<void> {
    const clock = { nowEpochMs: () => NOON };
    const table = { client, tableName: 'events', clock, ids: createIds(clock) };
    const log = createEventLog({ ...table, sleep: async () => undefined, jitter: () => 1 });
    const data = { email_id: messageId, subject: `secret of ${tenant}` };
    await log.append(
      tenant,
      [1, 2].map((fact) => anEntry(anEvent(fact, { tenant, data }))),
    );
  }

  const of = (tenant: string): Belongings => {
    const found = belongings.get(tenant);
    assert.ok(found, tenant);
    return found;
  };

  const fill = (template: string, { ids, address }: Belongings): string =>
    Object.entries({ ...ids, address }).reduce(
      (text, [name, value]) => text.replaceAll(`{${name}}`, value),
      template,
    );

  /** All that its owner can see of it. */
  const viewOf = async ({ token, ids, address }: Belongings): Promise<string> => {
    const paths = [
      ...['/emails', `/emails/${ids.email}`, `/emails/${ids.scheduled}`, '/api-keys', '/domains'],
      ...[`/domains/${ids.domain}`, '/suppressions', `/suppressions/${address}`],
      ...['', '/events', `/events/${ids.event}`, `/events/${ids.event}/attempts`].map(
        (path) => `/webhooks/${ids.webhook}${path}`,
      ),
      '/event-log',
    ];
    const views = await Promise.all(paths.map((path) => ask(token, 'GET', path)));
    return views.map(({ status, text }) => `${status} ${text}`).join('\n');
  };

  const marksOf = (tenant: string) => [
    ...[`secret of ${tenant}`, `plan of ${tenant}`, `text of ${tenant}`, `key of ${tenant}`],
    ...[`second of ${tenant}`, `${tenant}.example.net`, `reader-${tenant}@example.org`, `${tenant}.txt`],
    ...[`hooks.${tenant}.example.com`, `event of ${tenant}`, `answer to ${tenant}`],
  ];

  const pairs = TENANT_NAMES.flatMap((one) =>
    TENANT_NAMES.filter((other) => other !== one).map((other) => [one, other] as const),
  );

  /** What is asked by address may be told its own words back. */
  async function assertBlind([method, path, body]: (typeof ROUTES)[number], asking: string, owner: string) {
    const filled = body === undefined ? undefined : JSON.parse(fill(JSON.stringify(body), of(owner)));
    const { text } = await ask(of(asking).token, method, fill(path, of(owner)), filled);
    const told = path.includes('{address}') ? [of(owner).address] : [];
    for (const mark of marksOf(owner).filter((each) => !told.includes(each)))
      assert.ok(!text.includes(mark), `${method} ${path} shows ${mark}: ${text}`);
  }

  for (const [asking, owner] of pairs) {
    test(`${asking} reads and changes nothing that ${owner} has, by any route, key or id`, async () => {
      const before = await viewOf(of(owner));
      for (const mark of [...marksOf(owner).slice(0, 2), ...marksOf(owner).slice(-3)])
        assert.ok(before.includes(mark), `the view sees ${mark}`);
      const everyRoute = fc.shuffledSubarray([...ROUTES], { minLength: ROUTES.length });
      await fc.assert(
        fc.asyncProperty(everyRoute, async (routes) => {
          for (const route of routes) await assertBlind(route, asking, owner);
        }),
        { numRuns: 4 },
      );
      assert.deepEqual(world.queued, []);
      assert.equal(await viewOf(of(owner)), before);
    });
  }
});
