import assert from 'node:assert/strict';
import { startTestCloud, type TestCloud } from './local-cloud.ts';

export type StartOptions = Parameters<typeof startTestCloud>[0];

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
