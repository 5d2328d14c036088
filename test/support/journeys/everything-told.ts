import assert from 'node:assert/strict';
import PostalMime from 'postal-mime';
import { eventually } from '../base/eventually.ts';
import { startEndpoint } from '../webhooks/webhook-endpoint.ts';
import { usedPermissions } from './everything.ts';
import { request, send, showEmail } from './journey.ts';
import type { TestCloud } from './local-cloud.ts';
import { backlogs, untilPublished } from './published.ts';
import { put } from './queues.ts';

type Endpoint = Awaited<ReturnType<typeof startEndpoint>>;

/** What is told to whoever asks and whoever subscribes: webhooks, the log, the live tail, the counters. */
export async function followEvents(cloud: TestCloud): Promise<void> {
  await untilPublished(cloud);
  const endpoint = await startEndpoint();
  try {
    await followByWebhook(cloud, endpoint);
  } finally {
    await endpoint.close();
  }
  await watchLive(cloud);
  await readAndUnsubscribe(cloud);
  await askForWhatIsKnown(cloud);
  await mistakeRecords(cloud);
}

/** An event has a due row before it is delivered, another one ends the webhook; both are asked for again, in every way. */
async function followByWebhook(cloud: TestCloud, endpoint: Endpoint): Promise<void> {
  const asked = { endpoint: endpoint.url, events: ['email.delivered'] };
  const path = `/webhooks/${(await request(cloud, 'POST', '/webhooks', asked)).body.id}`;
  const told = async () =>
    (await request(cloud, 'GET', `${path}/events`)).body.data as { id: string; status: string }[];
  const reach = (states: readonly string[], advanceSeconds = 0) =>
    eventually(async () => {
      if (advanceSeconds > 0) await cloud.advance(advanceSeconds);
      assert.deepEqual(
        (await told()).map(({ status }) => status),
        states,
      );
    });

  endpoint.answers.push({ status: 503, retryAfter: 20 * 60 });
  await send(cloud, { to: 'told@example.org' });
  await reach(['pending']);
  await reach(['success'], 60);

  const [event] = await told();
  await request(cloud, 'GET', `${path}/events/${event?.id}`);
  await handOverAgain(cloud, endpoint, `${path}/events/${event?.id}/replay`);

  endpoint.answers.push(410);
  await send(cloud, { to: 'untold@example.org' });
  await reach(['failed', 'success']);
  await eventually(async () => assert.equal((await request(cloud, 'GET', path)).body.status, 'disabled'));
  await request(cloud, 'PATCH', path, { status: 'enabled' });
  await handOverAgain(cloud, endpoint, `${path}/replay`, { status: 'failed' });
  const from = new Date(Date.now() - 3_600_000).toISOString();
  await handOverAgain(cloud, endpoint, `${path}/replay`, { status: 'all', from });
  await request(cloud, 'DELETE', path);
}

async function handOverAgain(
  cloud: TestCloud,
  { seen }: Endpoint,
  path: string,
  body: object = {},
): Promise<void> {
  // What was known of the webhook before is forgotten by then.
  await cloud.advance(5);
  const before = seen.length;
  const answer = await request(cloud, 'POST', path, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  await eventually(async () => assert.ok(seen.length > before, `${path} brought nothing`));
}

/** Long enough to keep the place once more. */
async function watchLive(cloud: TestCloud): Promise<void> {
  const leave = new AbortController();
  const answer = await fetch(`${cloud.url}/event-log/stream`, {
    headers: { authorization: `Bearer ${cloud.apiKey}` },
    signal: leave.signal,
  });
  assert.equal(answer.status, 200);
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  await send(cloud, { to: 'watched@example.org' });
  const read = async (pattern: RegExp) => {
    for (let text = ''; !pattern.test(text); ) text += (await reader?.read())?.value ?? '';
  };
  await read(/email\.delivered/);
  await cloud.advance(20);
  await read(/^: heartbeat$/m);
  leave.abort();
}

/** A reader opens a mail and follows the link that ends the newsletter; the next mail to it is dropped. */
async function readAndUnsubscribe(cloud: TestCloud): Promise<void> {
  const to = 'reader@example.org';
  const newsletter = { to, stream: 'broadcast', html: '<p>News</p>' };
  const id = await send(cloud, newsletter);
  const reads = (emailId: string, state: string) =>
    eventually(async () => assert.equal((await showEmail(cloud, emailId)).body.last_event, state));
  await reads(id, 'delivered');

  const { html = '', headers } = await PostalMime.parse((await cloud.inbox(to)).at(-1)?.raw ?? '');
  const [pixel = ''] = new RegExp(`${cloud.url}/_local/track/open/[^"]+`).exec(html) ?? [];
  await (await fetch(pixel, { headers: { 'user-agent': 'Mozilla/5.0 (iPhone)' } })).arrayBuffer();
  await reads(id, 'opened');

  const link = headers.find(({ key }) => key === 'list-unsubscribe')?.value ?? '';
  const { pathname } = new URL(link.replaceAll(/[<>]/g, ''));
  const body = new URLSearchParams('List-Unsubscribe=One-Click');
  assert.equal((await fetch(cloud.url + pathname, { method: 'POST', body })).status, 200);
  await reads(await send(cloud, newsletter), 'suppressed');
}

async function askForWhatIsKnown(cloud: TestCloud): Promise<void> {
  await eventually(async () => {
    const { body } = await request(cloud, 'GET', '/event-log?type=email.suppressed,email.opened&limit=100');
    const types = new Set((body.data as { type: string }[]).map(({ type }) => type));
    assert.deepEqual(types, new Set(['email.opened', 'email.suppressed']));
  });
  assert.equal((await request(cloud, 'GET', '/emails/metrics')).status, 200);
  const from = new Date(Date.now() - 86_400_000).toISOString();
  const rebuilt = await invoke(cloud, 'publish-events', { command: 'rebuild-log', from });
  assert.ok(Number((rebuilt.payload as { messages: number }).messages) > 0, JSON.stringify(rebuilt));
}

/** What nobody can read is kept with its reason. */
async function mistakeRecords(cloud: TestCloud): Promise<void> {
  await put(cloud, /WebhooksQuickQueue/, 'no job');
  const table = (await backlogs(cloud)).find((backlog) => backlog.table.includes('StoreMessages'))?.table;
  const eventSourceARN = `arn:aws:dynamodb:us-east-1:000000000000:table/${table}/stream/now`;
  const dynamodb = { NewImage: { kind: { S: 'no-such-fact' } } };
  const answer = await invoke(cloud, 'publish-events', {
    Records: [{ eventID: 'unreadable', eventSourceARN, dynamodb }],
  });
  assert.deepEqual(answer, { payload: { batchItemFailures: [] } });
  await eventually(async () => assert.match(cloud.output(), /stream_record_unreadable/));
}

/** After more than a day's quiet, what is in the log is counted: by whoever asks, and the next time by the sweep. */
export async function countOldEvents(cloud: TestCloud): Promise<void> {
  await cloud.advance(DAY_AND_MORE_SECONDS);
  const { status, body } = await request(cloud, 'GET', '/emails/metrics');
  assert.equal(status, 200, JSON.stringify(body));

  await send(cloud, { to: 'counted@example.org' });
  await untilPublished(cloud);
  await cloud.advance(DAY_AND_MORE_SECONDS);
  await eventually(async () => {
    await cloud.advance(60);
    const hasCounted = (await usedPermissions(cloud)).some(
      ({ functionName, action, resource }) =>
        functionName === 'sweep' && action === 'dynamodb:PutItem' && resource.includes('StoreEvents'),
    );
    assert.ok(hasCounted, 'the sweep has counted nothing');
  });
}

const DAY_AND_MORE_SECONDS = 26 * 3_600;

async function invoke(cloud: TestCloud, folder: string, event: object): Promise<Record<string, unknown>> {
  const answer = await fetch(`${cloud.url}/_local/functions/${folder}`, {
    method: 'POST',
    body: JSON.stringify(event),
  });
  return (await answer.json()) as Record<string, unknown>;
}
