import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../base/eventually.ts';
import type { ConfigChanges } from '../infra/assembly-cache.ts';
import { aMail, request, send, showEmail } from './journey.ts';
import type { TestCloud } from './local-cloud.ts';
import { put, queueLike } from './queues.ts';

const A_FILE = [{ filename: 'a.txt', content: 'aGk=' }];
const A_PATH = [{ filename: 'a.txt', path: 'https://no-such-host.example/a.txt' }];
/** Does not compress below the line up to which content lives in the table. */
const LARGE = Array.from({ length: 60_000 }, () =>
  String.fromCharCode(97 + Math.floor(Math.random() * 26)),
).join('');
const SQS_DOWN = { service: 'sqs', operation: 'SendMessage', fault: 'error' };

const reach = (cloud: TestCloud, id: string, state: string, advanceSeconds = 0) =>
  eventually(async () => {
    if (advanceSeconds > 0) await cloud.advance(advanceSeconds);
    assert.equal((await showEmail(cloud, id)).body.last_event, state, id);
  });

/** A message that is stored, and of which no queue knows. */
async function storeUnqueued(cloud: TestCloud, overrides: Record<string, unknown>): Promise<string> {
  await cloud.faults([SQS_DOWN]);
  const id = await send(cloud, overrides);
  await cloud.faults([]);
  return id;
}

/** What people do when all is well. */
export async function useTheApi(cloud: TestCloud): Promise<void> {
  const bounced = await send(cloud, { to: 'bounce@simulator.amazonses.com' });
  const ids = [
    await send(cloud, { to: ['a@example.org', 'b@example.org'] }),
    await send(cloud, { attachments: A_FILE }),
    await send(cloud, { text: LARGE }),
    String((await request(cloud, 'POST', '//emails', aMail({ text: LARGE, attachments: A_FILE }))).body.id),
  ];
  await request(cloud, 'POST', '//emails', aMail({ attachments: A_PATH }));
  for (const id of ids) await reach(cloud, id, 'delivered');
  await reach(cloud, bounced, 'bounced');
  await request(cloud, 'GET', '/emails');
  await request(cloud, 'GET', '/event-log');
  await request(cloud, 'GET', `/emails/${ids[1]}/attachments`);

  const { body } = await request(cloud, 'POST', '/api-keys', { name: 'one' });
  await request(cloud, 'PATCH', `/api-keys/${body.id}`, { name: 'two' });
  await request(cloud, 'DELETE', `/api-keys/${body.id}`);
  await useDomains(cloud);
  await useWebhooks(cloud);
  await useSchedules(cloud);
  await request(cloud, 'POST', '/suppressions', { email: 'x@example.org' });
  await request(cloud, 'GET', '/suppressions');
  await request(cloud, 'DELETE', '/suppressions/x@example.org');
  await request(cloud, 'GET', '/streams/broadcast');
  await request(cloud, 'PATCH', '/streams/broadcast', { status: 'paused' });
  await request(cloud, 'PATCH', '/streams/broadcast', { status: 'active' });
}

/** A config in which nothing is left out that brings rights of its own. */
export const EVERY_OPTION: ConfigChanges = {
  tenants: { dailyRecipients: 1_000 },
  liveTail: { viewers: 2 },
  streams: {
    transactional: { kind: 'transactional', ratePercent: 70, eventBus: true },
    broadcast: {
      ...{ kind: 'broadcast', pool: 'standard', ratePercent: 30, tracking: { opens: true, clicks: true } },
      warmUp: { plan: [2, 10_000], overflow: 'shared' },
    },
  },
};

/** What an operator does with tenants, and what a tenant does. */
export async function useTenants(cloud: TestCloud): Promise<void> {
  await request(cloud, 'POST', '/tenants', { name: 'acme' });
  await request(cloud, 'GET', '/tenants');
  for (const status of ['paused', 'active']) await request(cloud, 'PATCH', '/tenants/acme', { status });
  const { body } = await request(cloud, 'POST', '/api-keys', { name: 'acme', tenant: 'acme' });
  const asAcme = { authorization: `Bearer ${body.token}` };
  const ask = (method: string, path: string, content?: unknown) =>
    request(cloud, method, path, content, asAcme);
  const domain = await ask('POST', '/domains', { name: 'acme.example.net' });
  await ask('DELETE', `/domains/${domain.body.id}`);
  const sent = [
    await ask('POST', '/emails', aMail({ to: 'bounce+acme@simulator.amazonses.com' })),
    await ask('POST', '//emails', aMail({ to: 'of-acme@example.org' })),
  ];
  for (const [index, event] of ['bounced', 'delivered'].entries())
    await eventually(async () => {
      const shown = await ask('GET', `/emails/${sent[index]?.body.id}`);
      assert.equal(shown.body.last_event, event);
    });
  for (const sendingStatus of ['DISABLED', 'ENABLED']) {
    await fetch(`${cloud.url}/_local/tenants/acme`, {
      method: 'POST',
      body: JSON.stringify({ sendingStatus }),
    });
    const status = sendingStatus === 'DISABLED' ? 'paused' : 'active';
    await eventually(async () =>
      assert.equal((await request(cloud, 'GET', '/tenants/acme')).body.status, status),
    );
  }
  await request(cloud, 'POST', '/tenants', { name: 'globex' });
}

/** A pool gets its first address, and more mail than it takes on its first day. */
export async function useAddresses(cloud: TestCloud): Promise<void> {
  const stream = async () => (await request(cloud, 'GET', '/streams/broadcast')).body;
  const body = JSON.stringify({ pool: (await stream()).pool_name, ip: '192.0.2.1' });
  await fetch(`${cloud.url}/_local/dedicated-ips`, { method: 'POST', body });
  await eventually(async () => {
    await cloud.advance(60);
    assert.deepEqual((await stream()).ips, ['192.0.2.1']);
  });
  for (let sent = 0; sent < 4; sent += 1)
    await reach(cloud, await send(cloud, { stream: 'broadcast', to: `w${sent}@example.org` }), 'delivered');
  await request(cloud, 'PATCH', '/streams/broadcast', { warm_up_day: 2 });
}

async function useSchedules(cloud: TestCloud): Promise<void> {
  const canceled = await send(cloud, { scheduled_at: 'in 1 hour' });
  await request(cloud, 'POST', `/emails/${canceled}/cancel`);
  const moved = await send(cloud, { scheduled_at: 'in 1 hour' });
  await request(cloud, 'PATCH', `/emails/${moved}`, { scheduled_at: 'in 20 minutes' });
  await cloud.advance(17 * 60);
  await reach(cloud, moved, 'delivered', 10);
}

/** Leaves one behind, for the sweep to ask SES about. */
async function useDomains(cloud: TestCloud): Promise<void> {
  const { body } = await request(cloud, 'POST', '/domains', { name: 'added.test' });
  await request(cloud, 'POST', `/domains/${body.id}/verify`);
  await reach(cloud, await send(cloud, { from: 'a@added.test' }), 'delivered');
  await request(cloud, 'DELETE', `/domains/${body.id}`);
  await request(cloud, 'GET', '/domains');
}

async function useWebhooks(cloud: TestCloud): Promise<void> {
  const wanted = { endpoint: 'http://localhost:1/', events: ['domain.created'] };
  const { body } = await request(cloud, 'POST', '/webhooks', wanted);
  await request(cloud, 'POST', `/webhooks/${body.id}/signing-secret/rotate`);
  await request(cloud, 'PATCH', `/webhooks/${body.id}`, { status: 'disabled' });
  await request(cloud, 'DELETE', `/webhooks/${body.id}`);
}

/** What goes wrong, and is made good. */
export async function surviveFailures(cloud: TestCloud): Promise<void> {
  const unreachable = await send(cloud, { attachments: A_PATH });
  await reach(cloud, unreachable, 'failed', 120);

  await cloud.faults([{ service: 'ses', operation: 'SendEmail', fault: 'throttle', count: 1 }]);
  await reach(cloud, await send(cloud), 'delivered', 5);

  const swept = await storeUnqueued(cloud, { text: LARGE });
  const sweptFile = await storeUnqueued(cloud, { attachments: A_PATH });
  await cloud.advance(120);
  await reach(cloud, swept, 'delivered', 5);
  await reach(cloud, sweptFile, 'failed', 120);

  const lost = await storeUnqueued(cloud, {});
  const content = { kind: 'object', objectKey: 'content/gone' };
  await put(
    cloud,
    /transactionalstreamSendQueue/,
    JSON.stringify({
      version: 2,
      messageId: lost,
      tenant: 'default',
      stream: 'transactional',
      recipientDomains: ['example.net'],
      waits: 0,
      content,
    }),
  );
  await reach(cloud, lost, 'failed', 5);

  await put(cloud, /AttachmentsQueue/, 'no job');
  await eventOutage(cloud);
  await longPause(cloud);
}

/** Mail of a stream that is paused for more than an hour waits as a due row. */
async function longPause(cloud: TestCloud): Promise<void> {
  await request(cloud, 'PATCH', '/streams/broadcast', { status: 'paused' });
  await cloud.advance(3_700);
  const id = await send(cloud, { stream: 'broadcast' });
  await eventually(async () => {
    const { ready, inFlight, delayed } = await queueLike(cloud, /broadcaststreamSendQueue/);
    assert.deepEqual([ready, inFlight, delayed], [0, 0, 0]);
  });
  await request(cloud, 'PATCH', '/streams/broadcast', { status: 'active' });
  await reach(cloud, id, 'delivered', 60);
}

/** The table is down when a delivery is to be recorded: the event waits as a copy of itself. */
async function eventOutage(cloud: TestCloud): Promise<void> {
  await cloud.faults([{ service: 'dynamodb', operation: 'UpdateItem', fault: 'latency', ms: 1500 }]);
  const id = await send(cloud, { to: 'held@example.org' });
  await cloud.faults([{ service: 'dynamodb', operation: 'PutItem', fault: 'throttle' }]);
  await eventually(async () => assert.equal((await cloud.inbox('held@example.org')).length, 1));
  await eventually(async () => assert.ok((await queueLike(cloud, /EventsQueue/)).delayed > 0));
  await cloud.faults([]);
  await reach(cloud, id, 'delivered', 60);
}

/** Sends whose content is not kept: what was stored for them goes, and what was never stored is said to be lost. */
export async function keepNothing(cloud: TestCloud): Promise<void> {
  await reach(cloud, await send(cloud, { attachments: A_FILE }), 'delivered');
  await cloud.faults([{ service: 'sqs', operation: 'SendMessage', fault: 'crash', when: 'before' }]);
  await request(cloud, 'POST', '/emails', aMail({ to: 'cut@example.org' }));
  await cloud.faults([]);
  await cloud.advance(120);
  await eventually(async () => {
    await cloud.advance(600);
    assert.ok((await sweptFor(cloud)).has('s3:ListBucket'));
  });
}

export interface UsedPermission {
  readonly functionName: string;
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

export const usedPermissions = async (cloud: TestCloud): Promise<readonly UsedPermission[]> =>
  (await (await fetch(`${cloud.url}/_local/authorised-calls`)).json()) as UsedPermission[];

async function sweptFor(cloud: TestCloud): Promise<ReadonlySet<string>> {
  const used = await usedPermissions(cloud);
  return new Set(used.filter(({ functionName }) => functionName === 'sweep').map(({ action }) => action));
}

/** The last thing an operator does with the first key. */
export async function deleteBootstrapKey(cloud: TestCloud): Promise<void> {
  const { body } = await request(cloud, 'GET', '/api-keys');
  const keys = body.data as { id: string; name: string }[];
  const bootstrap = keys.find(({ name }) => name === 'bootstrap');
  assert.equal((await request(cloud, 'DELETE', `/api-keys/${bootstrap?.id}`)).status, 200);
}

/** Sets a variable of every function that has it. */
export const withVariable = (name: string, value: string) =>
  inTemplate(new RegExp(`"${name}": ?"[^"]*"`, 'g'), `"${name}":"${value}"`);

/** Every stream keeps content for so many days. */
export const withKeepDays = (days: number) => inTemplate(/\\"keepDays\\":\d+/g, `\\"keepDays\\":${days}`);

const inTemplate =
  (pattern: RegExp, replacement: string) =>
  (assemblyDir: string): void => {
    const file = readdirSync(assemblyDir).find((candidate) => candidate.endsWith('.template.json')) ?? '';
    const path = join(assemblyDir, file);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(pattern, replacement));
  };
