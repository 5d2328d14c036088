import assert from 'node:assert/strict';
import type { QueueDepth } from '../../../local/src/sqs/emulator.ts';
import type { TestCloud } from './local-cloud.ts';

/** The one queue whose name matches, and what it holds. */
export async function queueLike(cloud: TestCloud, pattern: RegExp): Promise<QueueDepth> {
  const queues = (await (await fetch(`${cloud.url}/_local/queues`)).json()) as QueueDepth[];
  const [queue, ...others] = queues.filter(({ name }) => pattern.test(name));
  assert.ok(queue && others.length === 0, `${pattern} among ${queues.map(({ name }) => name).join(', ')}`);
  return queue;
}

/** Puts any text into a queue, as somebody with access to the account could. */
export async function put(cloud: TestCloud, pattern: RegExp, body: string): Promise<void> {
  const { name } = await queueLike(cloud, pattern);
  await fetch(`${cloud.url}/_local/queues/${name}`, { method: 'POST', body });
}

/** Records in all dead-letter queues together. */
export async function deadLettersIn(cloud: TestCloud): Promise<number> {
  const queues = (await (await fetch(`${cloud.url}/_local/queues`)).json()) as QueueDepth[];
  const dead = queues.filter(({ name }) => /DeadLetters/.test(name));
  return dead.reduce((sum, { ready, inFlight }) => sum + ready + inFlight, 0);
}
