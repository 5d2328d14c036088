import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { eventually } from '../../../../test/support/base/eventually.ts';
import type { TableStreamRecord } from '../../../src/dynamodb/table-streams/record.ts';
import type { InvocationResult } from '../../../src/lambda/invocation.ts';
import { okResult } from '../../support/hosted-world.ts';
import {
  aDataDir,
  aStreamWorld,
  failuresFrom,
  functionError,
  itemOf,
  numberOf,
  type StreamWorld,
} from '../../support/stream-world.ts';

const REPORTS = { FunctionResponseTypes: ['ReportBatchItemFailures'] };
const named = (records: readonly TableStreamRecord[], name: string) =>
  records.find((record) => itemOf(record) === name);
const putAll = async (world: StreamWorld, ...items: readonly string[]) => {
  for (const item of items) await world.put('b', item);
};
const gapsOf = (times: readonly number[]) => times.slice(1).map((at, index) => at - (times[index] ?? 0));
/** Fails so often, then succeeds. */
const failing = (times: number, failure: () => InvocationResult = functionError) => {
  let failures = 0;
  return () => (failures++ < times ? failure() : okResult(null));
};

describe('the poller of a stream', () => {
  test('the poller invokes the function with the records in order and the ARN of the stream', async (t) => {
    const world = await aStreamWorld(t);
    await putAll(world, 'a', 'b', 'c');
    world.sources.start();
    await eventually(async () => assert.equal(world.waiting(), 0));
    assert.deepEqual(world.batches(), [['a', 'b', 'c']]);
    const [record] = world.invocations[0]?.records ?? [];
    assert.equal((record as TableStreamRecord & { eventSourceARN: string }).eventSourceARN, world.StreamArn);
    assert.deepEqual(world.records(), []);
  });

  test('the poller invokes four times a second at most while batches do not fill, and reads for free', async (t) => {
    const invokedAt: number[] = [];
    const world: StreamWorld = await aStreamWorld(t, {
      answer: () => {
        invokedAt.push(world.clock.now());
        return okResult(null);
      },
    });
    world.sources.start();
    for (let index = 0; index < 40; index += 1) {
      await putAll(world, String(index));
      await sleep(20);
    }
    await eventually(async () => assert.equal(world.waiting(), 0));
    for (const gapMs of gapsOf(invokedAt)) assert.ok(gapMs >= 245, `${gapMs} ms`);
    assert.equal(world.batches().flat().length, 40);
    const billed = world.meter.report().operations.map(({ operation }) => operation);
    assert.deepEqual(billed, ['PutItem']);
  });

  test('fills batches up to their size and goes on at once while there is more', async (t) => {
    const { mock } = t.mock.method(globalThis, 'setTimeout');
    const pausesBefore: number[] = [];
    const world = await aStreamWorld(t, {
      mapping: { BatchSize: 2 },
      answer: () => {
        pausesBefore.push(mock.calls.filter(({ arguments: [, ms = 0] }) => ms > 200 && ms <= 250).length);
        return okResult(null);
      },
    });
    const items = Array.from({ length: 41 }, (_, index) => String(index));
    await putAll(world, ...items);
    world.sources.start();
    await eventually(async () => assert.equal(world.waiting(), 0));
    assert.deepEqual(pausesBefore, Array(21).fill(0));
    assert.deepEqual(world.batches().flat(), items);
    assert.ok(world.batches().every(({ length }) => length <= 2));
    assert.equal(world.batches().length, 21);
  });

  test('the poller keeps an event below 6 MB', async (t) => {
    const world = await aStreamWorld(t, { mapping: { BatchSize: 1000 } });
    const text = { S: 'x'.repeat(380_000) };
    for (let index = 0; index < 20; index += 1) await world.put('b', String(index), { text });
    world.sources.start();
    await eventually(async () => assert.equal(world.waiting(), 0));
    assert.deepEqual(
      world.batches().map(({ length }) => length),
      [15, 5],
    );
  });

  test('waits for the batching window, which a full batch ends', async (t) => {
    const mapping = { BatchSize: 3, MaximumBatchingWindowInSeconds: 60 };
    const world = await aStreamWorld(t, { mapping });
    await putAll(world, 'a', 'b');
    world.sources.start();
    await sleep(600);
    assert.deepEqual(world.batches(), []);
    world.clock.advance(60);
    await eventually(async () => assert.deepEqual(world.batches(), [['a', 'b']]));
    await putAll(world, 'c', 'd', 'e', 'f');
    await eventually(async () => assert.deepEqual(world.batches()[1], ['c', 'd', 'e']));
    await sleep(300);
    assert.equal(world.waiting(), 1);
  });

  test('tries a failed batch again, with what was written since behind it', async (t) => {
    const world = await aStreamWorld(t, { answer: failing(2) });
    await putAll(world, 'a', 'b');
    world.sources.start();
    await eventually(async () => assert.ok(world.invocations.length >= 1));
    await putAll(world, 'c');
    await world.drain();
    assert.deepEqual(world.batches(), [['a', 'b'], ['a', 'b'], ['a', 'b'], ['c']]);
  });

  test('pauses longer and longer between tries, on the local clock', async (t) => {
    const triedAt: number[] = [];
    const world: StreamWorld = await aStreamWorld(t, {
      answer: () => {
        triedAt.push(world.clock.now());
        return functionError();
      },
    });
    await putAll(world, 'a');
    world.sources.start();
    await eventually(async () => assert.ok(triedAt.length >= 4));
    const gaps = gapsOf(triedAt);
    for (const [index, leastMs] of [190, 390, 790].entries()) assert.ok((gaps[index] ?? 0) >= leastMs);
    // In real time they would be five minutes.
    for (let tries = 5; tries <= 40; tries += 1) {
      world.clock.advance(10);
      await eventually(async () => assert.ok(triedAt.length >= tries));
    }
  });

  test('goes on from the lowest record that is reported, and the records before it are done', async (t) => {
    let isBroken = true;
    const world = await aStreamWorld(t, {
      mapping: REPORTS,
      answer: (records) => {
        const answer = isBroken ? failuresFrom(named(records, 'd'), named(records, 'b')) : okResult(null);
        isBroken = false;
        return answer;
      },
    });
    await putAll(world, 'a', 'b', 'c', 'd');
    world.sources.start();
    await eventually(async () => assert.equal(world.waiting(), 3));
    await world.drain();
    assert.deepEqual(world.batches(), [
      ['a', 'b', 'c', 'd'],
      ['b', 'c', 'd'],
    ]);
  });

  test('halves a failing batch until the bad record is alone, and gives that up after its retries', async (t) => {
    const world = await aStreamWorld(t, {
      mapping: { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 1 },
      answer: (records) => (named(records, 'bad') ? functionError() : okResult(null)),
    });
    await putAll(world, 'a', 'b', 'bad', 'd');
    world.sources.start();
    await world.drain();
    assert.deepEqual(world.batches(), [
      ['a', 'b', 'bad', 'd'],
      ['a', 'b'],
      ['bad', 'd'],
      ['bad'],
      ['bad'],
      ['d'],
    ]);
    assert.deepEqual(world.warnings, ['Mapping: gave up 1 records']);
  });

  test('tries a throttled invocation again until it succeeds', async (t) => {
    const world = await aStreamWorld(t, {
      ...{ mapping: { MaximumRetryAttempts: 0 }, code: 'exports.handler = async () => {};' },
    });
    world.faults.set([{ service: 'lambda', operation: 'Invoke', fault: 'throttle', count: 4 }]);
    await putAll(world, 'a', 'b');
    world.sources.start();
    await world.drain();
    assert.deepEqual(
      world.invocations.map(({ result }) => result.kind),
      ['error', 'error', 'error', 'error', 'ok'],
    );
    assert.deepEqual(world.warnings, []);
  });

  test('hands out the records again when the worker dies with them', async (t) => {
    const flag = join(aDataDir(t), 'died');
    const world = await aStreamWorld(t, {
      code: `
const fs = require('node:fs');
exports.handler = async () => {
  if (fs.existsSync(${JSON.stringify(flag)})) return;
  fs.writeFileSync(${JSON.stringify(flag)}, '');
  process.exit(1);
};`,
    });
    await putAll(world, 'a', 'b');
    world.sources.start();
    await world.drain();
    assert.ok(existsSync(flag));
    assert.deepEqual(
      world.invocations.map(({ result }) => result.kind),
      ['crashed', 'ok'],
    );
    assert.deepEqual(world.batches(), [
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  test('hands on only the records that its filters let through, and passes the rest', async (t) => {
    const pattern = {
      eventName: ['INSERT', 'MODIFY'],
      dynamodb: { NewImage: { kind: { S: [{ exists: true }] } } },
    };
    const world = await aStreamWorld(t, {
      mapping: { FilterCriteria: { Filters: [{ Pattern: JSON.stringify(pattern) }] } },
    });
    await putAll(world, 'row');
    assert.equal(world.waiting(), 0);
    await world.put('b', 'fact', { kind: { S: 'sent' } });
    await putAll(world, 'other');
    await world.remove('b', 'fact');
    world.sources.start();
    await eventually(async () => assert.deepEqual(world.records(), []));
    assert.deepEqual(world.batches(), [['fact']]);
  });

  test('sees what the time to live deletes although no caller touches the table', async (t) => {
    const world = await aStreamWorld(t);
    world.sources.start();
    const expiresAtEpochSeconds = { N: String(Math.floor(Date.now() / 1000) + 3600) };
    await world.put('b', 'mortal', { expiresAtEpochSeconds });
    await eventually(async () => assert.equal(world.invocations.length, 1));
    world.clock.advance(3601);
    await eventually(async () => assert.equal(world.invocations.length, 2));
    const [record] = world.invocations[1]?.records ?? [];
    assert.equal(record?.eventName, 'REMOVE');
    assert.equal(record.userIdentity?.principalId, 'dynamodb.amazonaws.com');
  });

  test('a poller that starts at the latest hands out what is written from then on', async (t) => {
    const dataDir = aDataDir(t);
    const first = await aStreamWorld(t, { dataDir, mapping: { Enabled: false } });
    await putAll(first, 'earlier');
    await first.close();
    const world = await aStreamWorld(t, { dataDir, mapping: { StartingPosition: 'LATEST' } });
    await putAll(world, 'later');
    world.sources.start();
    await eventually(async () => assert.equal(world.waiting(), 0));
    assert.deepEqual(world.batches(), [['later']]);
  });

  test('a poller is disturbed like every call, and loses nothing by it', async (t) => {
    const world = await aStreamWorld(t);
    world.faults.set(
      ['throttle', 'error', 'reply-lost', 'crash'].map((fault) => ({
        ...{ service: 'dynamodb', operation: 'GetRecords', fault, count: 1 },
      })),
    );
    world.sources.start();
    await putAll(world, 'a', 'b');
    await world.drain();
    assert.deepEqual(world.batches().flat(), ['a', 'b']);
    assert.match(world.warnings[0] ?? '', /^Mapping: TableStreamCallError: GetRecords answered 400/);
  });
});

describe('several batches of a shard at once', () => {
  test('several batches of a shard have partition keys of their own, in order within a key', async (t) => {
    let running = 0;
    let most = 0;
    const world = await aStreamWorld(t, {
      mapping: { ParallelizationFactor: 3, BatchSize: 5 },
      answer: async () => {
        most = Math.max(most, ++running);
        await sleep(20);
        running -= 1;
        return okResult(null);
      },
    });
    for (let round = 0; round < 4; round += 1)
      for (let bucket = 0; bucket < 12; bucket += 1) await world.put(`bucket-${bucket}`, String(round));
    world.sources.start();
    await eventually(async () => assert.equal(world.waiting(), 0));
    assert.equal(most, 3);
    const seen = world.invocations.flatMap(({ records }) => records);
    assert.equal(seen.length, 48);
    for (const records of Map.groupBy(seen, ({ dynamodb }) => JSON.stringify(dynamodb.Keys.bucket)).values())
      assert.deepEqual(records.map(itemOf), ['0', '1', '2', '3']);
  });

  test('a key whose record fails holds up its own part alone', async (t) => {
    const isBad = ({ dynamodb }: TableStreamRecord) => (dynamodb.Keys.bucket as { S: string }).S === 'bad';
    const world = await aStreamWorld(t, {
      mapping: { ParallelizationFactor: 10 },
      answer: (records) => (records.some(isBad) ? functionError() : okResult(null)),
    });
    for (const bucket of ['bad', ...Array.from({ length: 20 }, (_, index) => `good-${index}`)])
      await world.put(bucket, 'i');
    world.sources.start();
    await eventually(async () => assert.ok(world.waiting() < 10));
    assert.ok(world.waiting() > 0);
  });
});

const streamGrant = (...actions: readonly string[]) => ({
  Effect: 'Allow',
  Action: actions.map((action) => `dynamodb:${action}`),
  Resource: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
});
const tableGrant = { Effect: 'Allow', Action: 'dynamodb:*', Resource: { 'Fn::GetAtt': ['Table', 'Arn'] } };
const STREAM_ACTIONS = ['ListStreams', 'DescribeStream', 'GetShardIterator', 'GetRecords'] as const;

describe('the permissions of a stream', () => {
  test('a poller needs these four grants on its ARN, or ListStreams on everything', async (t) => {
    const [list, ...read] = STREAM_ACTIONS;
    for (const statements of [
      [tableGrant, streamGrant(...STREAM_ACTIONS)],
      [tableGrant, streamGrant(...read), { Effect: 'Allow', Action: `dynamodb:${list}`, Resource: '*' }],
    ]) {
      const world = await aStreamWorld(t, { statements });
      await putAll(world, 'a');
      world.sources.start();
      await eventually(async () => assert.deepEqual(world.batches(), [['a']]));
      await world.close();
    }
  });

  for (const missing of STREAM_ACTIONS)
    test(`nothing is delivered when ${missing} is not granted, and the warning names it`, async (t) => {
      const others = STREAM_ACTIONS.filter((action) => action !== missing);
      const world = await aStreamWorld(t, { statements: [tableGrant, streamGrant(...others)] });
      await putAll(world, 'a');
      world.sources.start();
      await eventually(async () => assert.equal(world.warnings.length, 1));
      await sleep(400);
      assert.equal(world.warnings.length, 1);
      assert.match(
        world.warnings[0] ?? '',
        new RegExp(`^Mapping: .*The role of follow is not authorized to perform: dynamodb:${missing} on`),
      );
      assert.deepEqual(world.batches(), []);
      assert.equal(world.waiting(), 1);
    });

  test('a record is gone after a day when the poller has no grants', async (t) => {
    const world = await aStreamWorld(t, { statements: [tableGrant] });
    await putAll(world, 'a');
    world.clock.advance(86_400);
    await putAll(world, 'b');
    world.sources.start();
    await eventually(async () => assert.equal(world.waiting(), 1));
    assert.deepEqual(world.records().map(itemOf), ['b']);
  });
});

describe('the age of a record', () => {
  test('a record that was never tried is not lost, however far the clock is moved', async (t) => {
    const world = await aStreamWorld(t, { answer: failing(3) });
    world.sources.start();
    await putAll(world, 'a');
    world.clock.advance(70 * 3600);
    await putAll(world, 'b');
    await world.drain();
    assert.deepEqual(world.batches().at(-1)?.at(-1), 'b');
    assert.ok(world.invocations.some(({ records, result }) => result.kind === 'ok' && named(records, 'a')));
    assert.deepEqual(world.warnings, []);
  });

  test('the age of a record ends the tries of a function that keeps failing, and later records follow', async (t) => {
    const world = await aStreamWorld(t, {
      answer: (records) => (named(records, 'old') ? functionError() : okResult(null)),
    });
    world.sources.start();
    await putAll(world, 'old');
    await eventually(async () => assert.ok(world.invocations.length >= 1));
    world.clock.advance(86_300);
    await putAll(world, 'young');
    await eventually(async () => assert.ok(world.invocations.length > 1));
    assert.equal(world.waiting(), 2);
    world.clock.advance(100);
    await world.drain();
    assert.deepEqual(world.warnings, ['Mapping: gave up 1 records']);
    assert.deepEqual(world.batches().at(-1), ['young']);
  });

  test('the age of a record is limited further by the mapping', async (t) => {
    const world = await aStreamWorld(t, {
      ...{ answer: functionError, mapping: { MaximumRecordAgeInSeconds: 60 } },
    });
    world.sources.start();
    await putAll(world, 'a');
    await eventually(async () => assert.ok(world.invocations.length >= 1));
    world.clock.advance(60);
    await world.drain();
    assert.deepEqual(world.warnings, ['Mapping: gave up 1 records']);
  });
});

describe('a stream with a data folder', () => {
  test('a stream with a data folder goes on after a restart with unread records and higher numbers', async (t) => {
    const dataDir = aDataDir(t);
    let isBroken = false;
    const answer = () => (isBroken ? functionError() : okResult(null));
    const first = await aStreamWorld(t, { dataDir, answer });
    first.sources.start();
    await putAll(first, 'read');
    await eventually(async () => assert.equal(first.waiting(), 0));
    isBroken = true;
    await putAll(first, 'a', 'b');
    await eventually(async () => assert.ok(first.invocations.length >= 2));
    const last = first.records().map(numberOf).at(-1) ?? assert.fail();
    await first.close();

    isBroken = false;
    const second = await aStreamWorld(t, { dataDir, answer });
    assert.deepEqual(second.records().map(itemOf), ['a', 'b']);
    await putAll(second, 'c');
    assert.ok((second.records().map(numberOf).at(-1) ?? '') > last);
    second.sources.start();
    await eventually(async () => assert.equal(second.waiting(), 0));
    assert.deepEqual(second.batches(), [['a', 'b', 'c']]);
    await second.close();

    const third = await aStreamWorld(t, { dataDir });
    assert.deepEqual(third.records(), []);
  });

  test('a stream loses no batch that the function has in its hands when everything ends', async (t) => {
    const dataDir = aDataDir(t);
    const mapping = { MaximumRetryAttempts: 0 };
    const flag = join(dataDir, 'taken');
    const hang = `
exports.handler = () => {
  require('node:fs').writeFileSync(${JSON.stringify(flag)}, '');
  return new Promise(() => {});
};`;
    const first = await aStreamWorld(t, { dataDir, mapping, code: hang });
    first.sources.start();
    await putAll(first, 'a');
    await eventually(async () => assert.ok(existsSync(flag)));
    await first.close();
    assert.deepEqual(
      first.invocations.map(({ result }) => result.kind),
      ['crashed'],
    );
    assert.deepEqual(first.warnings, []);

    const second = await aStreamWorld(t, { dataDir, mapping });
    second.sources.start();
    await eventually(async () => assert.deepEqual(second.batches(), [['a']]));
  });

  for (const StartingPosition of ['TRIM_HORIZON', 'LATEST'])
    test(`a stream loses nothing when shards and batches at once become fewer (${StartingPosition})`, async (t) => {
      const dataDir = aDataDir(t);
      const isStuck = ({ dynamodb }: TableStreamRecord) =>
        (dynamodb.Keys.item as { S: string }).S === 'stuck';
      const first = await aStreamWorld(t, {
        ...{ dataDir, shards: 3, mapping: { StartingPosition, ParallelizationFactor: 2 } },
        answer: (records) => (records.some(isStuck) ? functionError() : okResult(null)),
      });
      first.sources.start();
      await first.put('one', 'stuck');
      for (let bucket = 0; bucket < 12; bucket += 1) await first.put(String(bucket), 'done');
      await eventually(async () => assert.ok(first.waiting() < 10));
      const left = first.waiting();
      await first.close();

      const second = await aStreamWorld(t, { dataDir, mapping: { StartingPosition } });
      assert.ok(second.waiting() >= left);
      second.sources.start();
      await eventually(async () => assert.equal(second.waiting(), 0));
      assert.equal(second.batches()[0]?.[0], 'stuck');
    });

  test('a stream loses no record that waits for its batching window', async (t) => {
    const dataDir = aDataDir(t);
    const first = await aStreamWorld(t, { dataDir, mapping: { MaximumBatchingWindowInSeconds: 300 } });
    first.sources.start();
    await putAll(first, 'a');
    await sleep(300);
    await first.close();
    assert.deepEqual(first.batches(), []);
    const second = await aStreamWorld(t, { dataDir });
    second.sources.start();
    await eventually(async () => assert.deepEqual(second.batches(), [['a']]));
  });
});

/** The records of an item that the function has done, up to the first of a batch that it reported. */
function follow(world: StreamWorld, bucket: string, item: string): readonly TableStreamRecord[] {
  const isOwn = (record: TableStreamRecord) =>
    itemOf(record) === item && (record.dynamodb.Keys.bucket as { S: string }).S === bucket;
  return world.invocations.flatMap(({ records, result }) => doneOf(records, result)).filter(isOwn);
}

function doneOf(
  records: readonly TableStreamRecord[],
  result: InvocationResult,
): readonly TableStreamRecord[] {
  if (result.kind !== 'ok') return [];
  const reply = result.payload as { batchItemFailures?: { itemIdentifier: string }[] } | null;
  const [failure] = reply?.batchItemFailures ?? [];
  const index = records.findIndex((record) => numberOf(record) === failure?.itemIdentifier);
  return index < 0 ? records : records.slice(0, index);
}

describe('every reader of a stream', () => {
  for (const [shards, parts] of [
    [1, 1],
    [3, 1],
    [2, 3],
  ] as const)
    test(`sees every write once and in order, with ${shards} shards, ${parts} batches each and random failures`, async (t) => {
      let answers: readonly number[] = [];
      let asked = 0;
      const world = await aStreamWorld(t, {
        shards,
        mapping: { ...REPORTS, BatchSize: 4, ParallelizationFactor: parts, BisectBatchOnFunctionError: true },
        answer: (records) => {
          const choice = answers[asked++ % Math.max(1, answers.length)] ?? 0;
          if (choice > 5) return functionError();
          return choice === 0 ? okResult(null) : failuresFrom(records[(choice - 1) % records.length]);
        },
      });
      world.sources.start();
      const write = fc.record({
        item: fc.constantFrom('a', 'b', 'c'),
        bucket: fc.nat({ max: 4 }),
        value: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
      });
      let run = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(write, { maxLength: 30 }),
          // Always one success in turn, so that every run ends.
          fc.array(fc.nat({ max: 7 }), { maxLength: 6 }).map((choices) => [...choices, 0]),
          async (writes, choices) => {
            answers = choices;
            run += 1;
            const bucketOf = (bucket: number) => `${run}-${bucket}`;
            await Promise.all(
              writes.map(({ bucket, item, value }) =>
                value === undefined
                  ? world.remove(bucketOf(bucket), item)
                  : world.put(bucketOf(bucket), item, { value: { N: String(value) } }),
              ),
            );
            await world.drain();
            for (const { bucket, item } of writes)
              assertChain(follow(world, bucketOf(bucket), item), await world.get(bucketOf(bucket), item));
          },
        ),
        { numRuns: 12 },
      );
    });
});

/** Each record begins where the one before ended, the first with nothing and the last with what is there. */
function assertChain(records: readonly TableStreamRecord[], now: unknown): void {
  let image: unknown;
  for (const { dynamodb } of records) {
    assert.deepEqual(dynamodb.OldImage, image);
    image = dynamodb.NewImage;
  }
  assert.deepEqual(image, now);
}
