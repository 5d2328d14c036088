import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DeleteQueueCommand, QueueDoesNotExist, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { splitIntoBatches } from '../../../../shared/base/adapters/split-into-batches.ts';
import { createJobQueue, EntryRefusedError } from '../../../../shared/base/adapters/sqs-job-queue.ts';
import { createSlowWebhookQueue } from '../../../../shared/webhooks/adapters/slow-webhook-queue.ts';
import type { WebhookJob } from '../../../../shared/webhooks/contract/webhook-job.ts';
import { aWebhookJob } from '../../../support/webhooks/webhook-world.ts';

let emulator: FauxqsServer;
let client: SQSClient;

before(async () => {
  emulator = await startFauxqs({ port: 0, logger: false, host: '127.0.0.1' });
  client = new SQSClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${emulator.port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
});
after(async () => {
  client.destroy();
  await emulator.stop();
});

const aQueue = (name: string) => emulator.createQueue(name).queueUrl;

async function receiveAll(QueueUrl: string): Promise<readonly { n: number }[]> {
  const jobs: { n: number }[] = [];
  for (;;) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 60 }),
    );
    if (Messages.length === 0) return jobs.toSorted((one, other) => one.n - other.n);
    jobs.push(...Messages.map(({ Body }) => JSON.parse(Body ?? '')));
  }
}

describe('job queue', () => {
  test('carries a job as JSON', async () => {
    const url = aQueue('one');
    await createJobQueue<{ n: number }>(client, url).enqueue({ n: 1 });
    assert.deepEqual(await receiveAll(url), [{ n: 1 }]);
  });

  test('shares the queue of slow webhooks by endpoint', async () => {
    const groups: unknown[] = [];
    const remembering = {
      async send({ input }: { input: { MessageGroupId?: string; Entries?: { MessageGroupId?: string }[] } }) {
        groups.push(input.MessageGroupId ?? input.Entries?.map(({ MessageGroupId }) => MessageGroupId));
        return {};
      },
    } as unknown as SQSClient;
    const queue = createSlowWebhookQueue<WebhookJob>(remembering, 'any');
    await queue.enqueue(aWebhookJob({ webhookId: 'webhook-1' }), 900);
    await queue.enqueueAll(['webhook-1', 'webhook-2'].map((webhookId) => aWebhookJob({ webhookId })));
    assert.deepEqual(groups, ['webhook-1', ['webhook-1', 'webhook-2']]);
  });

  test('keeps a delayed job back', async () => {
    const url = aQueue('later');
    await createJobQueue<{ n: number }>(client, url).enqueue({ n: 1 }, 900);
    assert.deepEqual(await receiveAll(url), []);
  });

  test('carries a hundred jobs of any size together', async () => {
    const url = aQueue('many');
    const jobs = Array.from({ length: 100 }, (_, n) => ({ n, body: 'x'.repeat(n * 600) }));
    assert.deepEqual(await createJobQueue<object>(client, url).enqueueAll(jobs), []);
    assert.deepEqual(await receiveAll(url), jobs);
  });

  test('answers the jobs that are not known to be queued, and throws only for a single one', async () => {
    const url = aQueue('gone');
    const queue = createJobQueue<{ n: number }>(client, url);
    await client.send(new DeleteQueueCommand({ QueueUrl: url }));
    const unqueued = await queue.enqueueAll([{ n: 1 }, { n: 2 }]);
    assert.deepEqual(
      unqueued.map(({ job, error }) => [job, error instanceof QueueDoesNotExist]),
      [
        [{ n: 1 }, true],
        [{ n: 2 }, true],
      ],
    );
    await assert.rejects(queue.enqueue({ n: 1 }));
  });

  test('says with which code SQS refused an entry of a batch', async () => {
    const refusing = {
      send: async () => ({
        Successful: [{ Id: '0' }],
        Failed: [{ Id: '1', Code: 'InternalError', SenderFault: false }],
      }),
    } as unknown as SQSClient;
    const queue = createJobQueue<{ n: number }>(refusing, 'any');
    const [unqueued, ...others] = await queue.enqueueAll([{ n: 0 }, { n: 1 }]);
    assert.deepEqual([unqueued?.job, others], [{ n: 1 }, []]);
    assert.ok(unqueued?.error instanceof EntryRefusedError);
    assert.deepEqual([unqueued.error.code, unqueued.error.permanent], ['InternalError', false]);
  });
});

describe('splitting into batches', () => {
  test('splitting into batches keeps every item in order, ten and 1 MiB at most in a batch', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1_048_576 }), { maxLength: 60 }), (sizes) => {
        const batches = splitIntoBatches(sizes, (size) => size, { entries: 10, bytes: 1_048_576 });
        assert.deepEqual(batches.flat(), sizes);
        for (const batch of batches) {
          assert.ok(batch.length <= 10);
          assert.ok(batch.reduce((sum, size) => sum + size, 0) <= 1_048_576);
        }
      }),
    );
  });
});
