import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BatchWriteItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { TableStreamRecord } from '../../../src/dynamodb/table-streams/record.ts';
import { createTableStreams } from '../../../src/dynamodb/table-streams/table-streams.ts';
import { aHostedAssembly, aHostedResource } from '../../support/hosted-world.ts';
import { aStreamWorld, itemOf, numberOf, type StreamWorld } from '../../support/stream-world.ts';

const namesOf = (records: readonly TableStreamRecord[]) =>
  records.map((record) => `${record.eventName} ${itemOf(record)}`);
const key = (item: string) => ({ bucket: { S: 'b' }, item: { S: item } });

const update = (world: StreamWorld, item: string, note: string, more: object = {}) =>
  world.dynamodb.send(
    new UpdateItemCommand({
      ...{ TableName: world.TableName, Key: key(item) },
      UpdateExpression: 'SET note = :note',
      ExpressionAttributeValues: { ':note': { S: note } },
      ...more,
    }),
  );

describe('the stream of a table', () => {
  test('the stream of a table holds a record in the shape of AWS for an insert, a change and a removal', async (t) => {
    const world = await aStreamWorld(t);
    const before = Math.floor(Date.now() / 1000);
    await world.put('b', 'i', { note: { S: 'old' } });
    await update(world, 'i', 'new');
    await world.remove('b', 'i');

    const [insert, modify, remove, ...others] = world.records();
    assert.equal(others.length, 0);
    const { eventID, dynamodb, ...about } = insert ?? assert.fail();
    assert.match(eventID, /^[0-9a-f]{32}$/);
    assert.deepEqual(about, {
      ...{ eventName: 'INSERT', eventVersion: '1.1', eventSource: 'aws:dynamodb', awsRegion: 'us-east-1' },
    });
    const { ApproximateCreationDateTime, SequenceNumber, ...change } = dynamodb;
    assert.ok(Number.isInteger(ApproximateCreationDateTime) && ApproximateCreationDateTime >= before);
    assert.match(SequenceNumber, /^\d{21,40}$/);
    assert.deepEqual(change, {
      Keys: key('i'),
      NewImage: { ...key('i'), note: { S: 'old' } },
      // "bucket" + "b" and "item" + "i" twice, "note" + "old" once.
      SizeBytes: 2 * (7 + 5) + 7,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    });
    assert.equal(modify?.eventName, 'MODIFY');
    assert.deepEqual(modify.dynamodb.OldImage, { ...key('i'), note: { S: 'old' } });
    assert.deepEqual(modify.dynamodb.NewImage, { ...key('i'), note: { S: 'new' } });
    assert.equal(remove?.eventName, 'REMOVE');
    assert.deepEqual(remove.dynamodb.OldImage, { ...key('i'), note: { S: 'new' } });
    assert.equal(remove.dynamodb.NewImage, undefined);
    assert.equal('userIdentity' in remove, false);
    assert.equal(new Set(world.records().map((record) => record.eventID)).size, 3);
  });

  for (const [viewType, images] of [
    ['NEW_IMAGE', ['NewImage']],
    ['OLD_IMAGE', ['OldImage']],
    ['KEYS_ONLY', []],
  ] as const)
    test(`the stream of a table shows no more than its view ${viewType}`, async (t) => {
      const world = await aStreamWorld(t, { viewType });
      await world.put('b', 'i', { note: { S: 'old' } });
      await world.put('b', 'i', { note: { S: 'new' } });
      const { dynamodb } = world.records()[1] ?? assert.fail();
      assert.deepEqual(
        Object.keys(dynamodb).filter((name) => name.endsWith('Image')),
        images,
      );
      assert.equal(dynamodb.StreamViewType, viewType);
    });

  test('a write that changes nothing, fails or finds nothing to delete leaves no record in the stream', async (t) => {
    const world = await aStreamWorld(t);
    await world.put('b', 'i', { marks: { SS: ['a', 'b'] }, note: { S: 'same' } });
    await world.put('b', 'i', { note: { S: 'same' }, marks: { SS: ['b', 'a'] } });
    await update(world, 'i', 'same');
    await world.remove('b', 'absent');
    const condition = { ConditionExpression: 'attribute_not_exists(note)' };
    await assert.rejects(update(world, 'i', 'other', condition), { name: 'ConditionalCheckFailedException' });
    await assert.rejects(update(world, 'i', 'x', { UpdateExpression: 'nonsense' }), {
      name: 'ValidationException',
    });
    assert.deepEqual(namesOf(world.records()), ['INSERT i']);
  });

  test('the stream of a table sees the old item of an update that gives back any values', async (t) => {
    const world = await aStreamWorld(t);
    await world.put('b', 'i', { note: { S: '0' } });
    const answers = ['NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW'] as const;
    for (const [index, ReturnValues] of answers.entries())
      await update(world, 'i', String(index + 1), { ReturnValues });
    const notes = world
      .records()
      .slice(1)
      .map(({ dynamodb: { OldImage, NewImage } }) => [OldImage, NewImage].map((image) => image?.note));
    assert.deepEqual(notes, [
      [{ S: '0' }, { S: '1' }],
      [{ S: '1' }, { S: '2' }],
      [{ S: '2' }, { S: '3' }],
      [{ S: '3' }, { S: '4' }],
      [{ S: '4' }, { S: '5' }],
    ]);
  });

  test('the stream of a table has the writes of a batch in the order of the request', async (t) => {
    const world = await aStreamWorld(t);
    for (const item of ['same', 'old', 'gone']) await world.put('b', item);
    const { TableName } = world;
    await world.dynamodb.send(
      new BatchWriteItemCommand({
        RequestItems: {
          [TableName]: [
            { PutRequest: { Item: key('new') } },
            { PutRequest: { Item: key('same') } },
            { DeleteRequest: { Key: key('gone') } },
            { PutRequest: { Item: { ...key('old'), note: { S: 'x' } } } },
            { DeleteRequest: { Key: key('absent') } },
          ],
        },
      }),
    );
    assert.deepEqual(namesOf(world.records().slice(3)), ['INSERT new', 'REMOVE gone', 'MODIFY old']);
  });

  test('the stream of a table has concurrent writes to an item in the order in which they were done', async (t) => {
    const world = await aStreamWorld(t);
    await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        index % 3 === 2 ? world.remove('b', 'i') : world.put('b', 'i', { n: { N: String(index) } }),
      ),
    );
    let previous: unknown;
    for (const { dynamodb } of world.records()) {
      assert.deepEqual(dynamodb.OldImage, previous);
      previous = dynamodb.NewImage;
    }
    const numbers = world.records().map(numberOf);
    assert.deepEqual(numbers, [...numbers].sort());
    assert.equal(new Set(numbers).size, numbers.length);
  });

  test('the stream of a table says that the time to live deleted an item', async (t) => {
    const world = await aStreamWorld(t);
    const expiresAtEpochSeconds = { N: String(Math.floor(Date.now() / 1000) + 60) };
    await world.put('b', 'mortal', { expiresAtEpochSeconds });
    world.clock.advance(61);
    await world.put('b', 'later');
    const [, expired] = world.records();
    assert.equal(expired?.eventName, 'REMOVE');
    assert.deepEqual(expired.dynamodb.OldImage, { ...key('mortal'), expiresAtEpochSeconds });
    assert.deepEqual(expired.userIdentity, { type: 'Service', principalId: 'dynamodb.amazonaws.com' });
    assert.deepEqual(namesOf(world.records()), ['INSERT mortal', 'REMOVE mortal', 'INSERT later']);
  });

  test('the stream of a table keeps a partition key in one shard of several, and uses them all', async (t) => {
    const world = await aStreamWorld(t, { shards: 3 });
    for (let index = 0; index < 40; index += 1) await world.put(`bucket-${index % 20}`, String(index));
    const { streams, StreamArn } = world;
    const bucketsOf = (shardId: string) =>
      new Set(
        streams
          .recordsAfter(StreamArn, shardId, '')
          .map(({ dynamodb }) => (dynamodb.Keys.bucket as { S: string }).S),
      );
    const buckets = streams.shardIds(StreamArn).map(bucketsOf);
    assert.equal(buckets.length, 3);
    for (const own of buckets) assert.ok(own.size > 0);
    assert.equal(new Set(buckets.flatMap((own) => [...own])).size, 20);
    assert.equal(
      buckets.reduce((sum, own) => sum + own.size, 0),
      20,
    );
  });

  for (const [what, specification] of [
    ['ResourcePolicy', { StreamViewType: 'KEYS_ONLY', ResourcePolicy: {} }],
    ['StreamViewType ALL', { StreamViewType: 'ALL' }],
  ] as const)
    test(`a stream with ${what} stops the start and is named`, () => {
      const table = aHostedResource('AWS::DynamoDB::Table', 'Table', { StreamSpecification: specification });
      const clock = { now: Date.now, advance: () => {}, onAdvance: () => {} };
      assert.throws(
        () =>
          createTableStreams({
            assembly: aHostedAssembly([table]),
            clock: { ...clock, offsetCell: new SharedArrayBuffer(8) },
          }),
        new RegExp(`${what} of .*Table`),
      );
    });
});
