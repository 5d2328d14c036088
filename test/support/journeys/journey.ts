import assert from 'node:assert/strict';
import { eventually } from '../base/eventually.ts';
import { startTestCloud, type TestCloud } from './local-cloud.ts';

type StartOptions = Parameters<typeof startTestCloud>[0];

export async function withCloud(
  options: StartOptions,
  run: (cloud: TestCloud) => Promise<void>,
): Promise<void> {
  const cloud = await startTestCloud(options);
  try {
    await run(cloud);
  } finally {
    await cloud.close();
  }
}

/** Any route with the cloud's key; the body as JSON. */
export async function request(
  cloud: TestCloud,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, unknown>; headers: Headers }> {
  const answer = await fetch(cloud.url + path, {
    method,
    headers: { authorization: `Bearer ${cloud.apiKey}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return {
    status: answer.status,
    body: (await answer.json()) as Record<string, unknown>,
    headers: answer.headers,
  };
}

/** Lets minutes pass one by one, each with the sweep that comes with it. */
export async function passMinutes(cloud: TestCloud, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    const sweeps = await sweepsIn(cloud);
    await cloud.advance(60);
    await eventually(async () => assert.ok((await sweepsIn(cloud)) > sweeps));
  }
}

async function sweepsIn(cloud: TestCloud): Promise<number> {
  const { operations } = await cloud.usage();
  const row = operations.find(({ function: name, operation }) => name === 'sweep' && operation === 'Invoke');
  return row?.requests ?? 0;
}

/** Envelope recipients of what arrived, those that begin so. */
export async function recipientsIn(cloud: TestCloud, prefix = ''): Promise<readonly string[]> {
  const recipients = (await cloud.inbox()).flatMap(({ envelope }) => envelope.to);
  return recipients.filter((to) => to.startsWith(prefix));
}

/** The time of the cloud's own clock. */
export async function nowOf(cloud: TestCloud): Promise<number> {
  const answer = await fetch(`${cloud.url}/_local/clock`, { method: 'POST', body: '{"advanceSeconds":0}' });
  return Date.parse(((await answer.json()) as { now: string }).now);
}

export const aMail = (overrides: Record<string, unknown> = {}) => ({
  from: 'ada@example.com',
  to: 'grace@example.org',
  subject: 'Hello',
  text: 'Hello',
  ...overrides,
});

/** Sends one mail and gives its id. */
export async function send(cloud: TestCloud, overrides: Record<string, unknown> = {}): Promise<string> {
  const answer = await request(cloud, 'POST', '/emails', aMail(overrides));
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return String(answer.body.id);
}

export const showEmail = (cloud: TestCloud, id: string) => request(cloud, 'GET', `/emails/${id}`);
