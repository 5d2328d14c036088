import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { eventually } from '../../../../test/support/base/eventually.ts';
import { readSqsMappings } from '../../../src/sqs/poller/mapping.ts';
import { aHostedAssembly, aHostedResource, jsonReply, okResult } from '../../support/hosted-world.ts';
import { aQueueWorld, type QueueWorldOptions } from '../../support/queue-world.ts';

interface SqsRecord {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}
const recordsOf = (event: unknown) => (event as { Records: SqsRecord[] }).Records;
const failuresOf = (event: unknown, bodies: readonly string[]) =>
  okResult({
    batchItemFailures: recordsOf(event)
      .filter(({ body }) => bodies.includes(body))
      .map(({ messageId }) => ({ itemIdentifier: messageId })),
  });

async function start(t: TestContext, options: QueueWorldOptions = {}) {
  const world = await aQueueWorld(options);
  t.after(() => world.close());
  return { ...world, batches: () => world.lambda.invocations.map(({ event }) => recordsOf(event)) };
}

describe('the poller of a queue', () => {
  test('the poller invokes the function with the messages of the queue and deletes them', async (t) => {
    const world = await start(t);
    for (const body of ['a', 'b', 'c']) world.send(body);
    world.sources.start();

    await eventually(() => assert.deepEqual(world.counts('send'), { ready: 0, inflight: 0 }));
    const [batch] = world.batches();
    assert.deepEqual(
      batch?.map(({ body }) => body),
      ['a', 'b', 'c'],
    );
    assert.equal(batch?.[0]?.attributes.ApproximateReceiveCount, '1');
    assert.ok(batch?.[0]?.attributes.SentTimestamp);
  });

  test('the poller calls the queue as the function whose mapping it is', async (t) => {
    const world = await start(t);
    world.send('a');
    world.sources.start();
    await eventually(() =>
      assert.ok(world.gateway.calls.some(({ operation }) => operation === 'DeleteMessageBatch')),
    );
    for (const { caller } of world.gateway.calls)
      assert.equal(caller.kind === 'function' && caller.functionLogicalId, 'Sender');
  });

  test('takes a message within a moment although it polls long', async (t) => {
    const receives = () =>
      world.gateway.calls.filter(({ operation }) => operation === 'ReceiveMessage').length;
    const receivesAtAnswer: number[] = [];
    const world: Awaited<ReturnType<typeof start>> = await start(t, {
      answer: () => {
        receivesAtAnswer.push(receives());
        return okResult(null);
      },
    });
    world.sources.start();
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(receives(), 1, 'one receive waits, long');
    world.send('a');
    await eventually(() => assert.deepEqual(receivesAtAnswer, [1], 'it brought the message'));
  });

  test('gathers a batch beyond ten within the window', async (t) => {
    const world = await start(t, { mapping: { BatchSize: 25, MaximumBatchingWindowInSeconds: 5 } });
    for (let index = 0; index < 30; index += 1) world.send(String(index));
    world.sources.start();
    await eventually(() => assert.equal(world.batches()[0]?.length, 25));
  });

  test('the poller ends a window that does not fill', async (t) => {
    const world = await start(t, { mapping: { BatchSize: 100, MaximumBatchingWindowInSeconds: 1 } });
    world.send('a');
    world.sources.start();
    setTimeout(() => world.send('b'), 200);
    await eventually(() => assert.deepEqual(world.batches()[0]?.length, 2));
  });

  test('starts no more invocations at once than the mapping allows', async (t) => {
    let running = 0;
    let most = 0;
    const world = await start(t, {
      mapping: { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } },
      answer: async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 20));
        running -= 1;
        return okResult(null);
      },
    });
    for (let index = 0; index < 10; index += 1) world.send(String(index));
    world.sources.start();
    await eventually(() => assert.equal(world.batches().length, 10));
    assert.equal(most, 2);
  });

  test('the poller keeps only failed records, which come back when their visibility has passed', async (t) => {
    const world = await start(t, { answer: (event) => failuresOf(event, ['bad']) });
    for (const body of ['good', 'bad']) world.send(body);
    world.sources.start();
    await eventually(() => assert.deepEqual(world.counts('send'), { ready: 0, inflight: 1 }));

    world.clock.advance(31);
    await eventually(() => assert.equal(world.batches().length, 2));
    const again = world.batches()[1]?.[0];
    assert.equal(again?.body, 'bad');
    assert.equal(again?.attributes.ApproximateReceiveCount, '2');
  });

  for (const [title, result] of [
    ['an error', { kind: 'error', errorType: 'Error', message: 'no', durationMs: 1 }],
    ['a crash', { kind: 'crashed', durationMs: 1 }],
    ['a time-out', { kind: 'timeout', durationMs: 1 }],
    ['an unknown identifier', okResult({ batchItemFailures: [{ itemIdentifier: 'x' }] })],
  ] as const)
    test(`returns the whole batch after ${title}`, async (t) => {
      const world = await start(t, { answer: () => result });
      for (const body of ['a', 'b']) world.send(body);
      world.sources.start();
      await eventually(() => assert.equal(world.batches().length, 1));
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.deepEqual(world.counts('send'), { ready: 0, inflight: 2 });
    });

  test('leaves a poison record to the dead-letter queue after its receives, and its neighbours alone', async (t) => {
    const world = await start(t, { maxReceiveCount: 2, answer: (event) => failuresOf(event, ['poison']) });
    for (const body of ['poison', 'fine']) world.send(body);
    world.sources.start();
    for (const round of [1, 2, 3]) {
      await eventually(() => assert.ok(world.batches().length >= Math.min(round, 2)));
      await new Promise((resolve) => setTimeout(resolve, 30));
      world.clock.advance(31);
    }
    await eventually(() => assert.equal(world.counts('dead').ready, 1));
    assert.equal(
      world
        .batches()
        .flat()
        .filter(({ body }) => body === 'fine').length,
      1,
    );
    assert.equal(
      world
        .batches()
        .flat()
        .filter(({ body }) => body === 'poison').length,
      2,
    );
  });

  test('tries a throttled invocation again without giving the batch back', async (t) => {
    let calls = 0;
    const throttled = {
      kind: 'error',
      errorType: 'TooManyRequestsException',
      message: '',
      durationMs: 0,
    } as const;
    const world = await start(t, { answer: () => (++calls < 3 ? throttled : okResult(null)) });
    world.send('a');
    world.sources.start();
    await eventually(() => assert.deepEqual(world.counts('send'), { ready: 0, inflight: 0 }));
    assert.equal(calls, 3);
  });

  test('the poller says once that it may not read the queue, and goes on when it may', async (t) => {
    let isDenied = true;
    const world = await start(t, {
      intercept: () => (isDenied ? jsonReply(400, { __type: 'AccessDeniedException' }) : undefined),
    });
    world.send('a');
    world.sources.start();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.equal(world.warnings.length, 1);
    assert.match(world.warnings[0] ?? '', /Mapping: .*AccessDenied/);
    isDenied = false;
    world.clock.advance(10);
    await eventually(() => assert.equal(world.batches().length, 1));
  });
});

describe('a mapping of something else', () => {
  for (const [title, properties, expected] of [
    ['a source that is no queue', { EventSourceArn: 'arn:aws:kinesis:::stream/x' }, /stream\/x of Mapping/],
    ['a filter', { FilterCriteria: { Filters: [] } }, /FilterCriteria of Mapping/],
    ['a function that is not there', { FunctionName: 'Nobody' }, /Mapping names no function/],
  ] as const)
    test(`stops the start by name for ${title}`, () => {
      const queueArn = 'arn:aws:sqs:us-east-1:000000000000:send';
      const assembly = aHostedAssembly([
        aHostedResource('AWS::SQS::Queue', 'Queue', {}, { arn: queueArn }),
        aHostedResource('AWS::Lambda::Function', 'Sender'),
        aHostedResource('AWS::Lambda::EventSourceMapping', 'Mapping', {
          ...{ EventSourceArn: queueArn, FunctionName: 'Sender' },
          ...properties,
        }),
      ]);
      assert.throws(() => readSqsMappings(assembly, () => false), expected);
    });
});
