import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { type GatewayWorld, openGatewayWorld } from '../support/gateway-world.ts';
import { aTable } from '../support/small-assembly.ts';

const aTableWithIndex = () => {
  const { Type, Properties } = aTable();
  return {
    Type,
    Properties: {
      ...Properties,
      AttributeDefinitions: [
        ...Properties.AttributeDefinitions,
        { AttributeName: 'state', AttributeType: 'S' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-state',
          KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    },
  };
};

describe('DynamoDB behind the gateway', () => {
  let world: GatewayWorld;
  let TableName: string;
  before(async () => {
    world = await openGatewayWorld({ Table: aTable(), Indexed: aTableWithIndex() });
    TableName = world.nameOf('Table');
  });
  after(() => world.close());
  beforeEach(() => world.meter.reset());

  const keyOf = (item: string) => ({ bucket: { S: 'b' }, item: { S: item } });
  const put = (item: string, more: Record<string, AttributeValue> = {}) =>
    world.dynamodb.send(new PutItemCommand({ TableName, Item: { ...keyOf(item), ...more } }));
  const get = async (item: string) =>
    (await world.dynamodb.send(new GetItemCommand({ TableName, Key: keyOf(item) }))).Item;
  const update = (item: string, more: Partial<UpdateItemCommandInput> = {}) =>
    world.dynamodb.send(
      new UpdateItemCommand({
        ...{ TableName, Key: keyOf(item), UpdateExpression: 'SET owner_id = :me' },
        ExpressionAttributeValues: { ':me': { S: 'me' } },
        ...more,
      }),
    );
  const unitsOf = (operation: string) =>
    world.meter.report().operations.find((row) => row.operation === operation)?.units;

  test('one of many claims at once wins and the others are told the winner', async () => {
    await put('lease');
    const claims = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) =>
        update('lease', {
          ConditionExpression: 'attribute_not_exists(owner_id)',
          ExpressionAttributeValues: { ':me': { S: `worker-${index}` } },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
    );
    const owner = (await get('lease'))?.owner_id?.S;
    const lost = claims.flatMap((claim) => (claim.status === 'rejected' ? [claim.reason] : []));
    assert.equal(lost.length, 11);
    for (const error of lost as ConditionalCheckFailedException[])
      assert.equal(error.Item?.owner_id?.S, owner);
  });

  test('a failed condition tells nothing that was not asked for', async () => {
    await put('there');
    const condition = { ConditionExpression: 'owner_id = :me' };
    await assert.rejects(update('there', condition), (error: ConditionalCheckFailedException) => {
      assert.equal(error.name, 'ConditionalCheckFailedException');
      assert.equal(error.Item, undefined);
      return true;
    });
  });

  for (const [ReturnValues, expected] of [
    [undefined, undefined],
    ['NONE', undefined],
    ['ALL_OLD', { ...keyOf('returned'), note: { S: 'old' } }],
    ['ALL_NEW', { ...keyOf('returned'), note: { S: 'old' }, owner_id: { S: 'me' } }],
    ['UPDATED_NEW', { owner_id: { S: 'me' } }],
  ] as const)
    test(`an update gives back ${ReturnValues ?? 'nothing by default'}`, async () => {
      await put('returned', { note: { S: 'old' } });
      const { Attributes } = await update('returned', ReturnValues ? { ReturnValues } : {});
      assert.deepEqual(Attributes, expected);
    });

  test('puts and deletes give back the old item only where it is wanted', async () => {
    await put('gone', { note: { S: 'old' } });
    assert.equal((await put('gone', { note: { S: 'new' } })).Attributes, undefined);
    const remove = new DeleteItemCommand({ TableName, Key: keyOf('gone'), ReturnValues: 'ALL_OLD' });
    assert.equal((await world.dynamodb.send(remove)).Attributes?.note?.S, 'new');
    assert.equal(await get('gone'), undefined);
  });

  test('a call that DynamoDB refuses is refused with its name', async () => {
    await assert.rejects(
      world.dynamodb.send(new UpdateItemCommand({ TableName, Key: { bucket: { S: 'b' } } })),
      { name: 'ValidationException' },
    );
    await assert.rejects(update('x', { TableName: 'nowhere' }), { name: 'ResourceNotFoundException' });
  });

  test('expired items take no place in a page, and one with a longer life stays', async () => {
    const inSeconds = (seconds: number) => ({
      expiresAtEpochSeconds: { N: String(Math.floor(Date.now() / 1000) + seconds) },
    });
    const Item = (item: string, seconds: number) => ({
      ...{ bucket: { S: 'page' }, item: { S: item } },
      ...inSeconds(seconds),
    });
    for (const item of ['1', '2', '3'])
      await world.dynamodb.send(new PutItemCommand({ TableName, Item: Item(item, 60) }));
    await world.dynamodb.send(new PutItemCommand({ TableName, Item: Item('2', 3600) }));

    world.clock.advance(61);
    const page = new QueryCommand({
      ...{ TableName, Limit: 1, KeyConditionExpression: '#b = :bucket' },
      ExpressionAttributeNames: { '#b': 'bucket' },
      ExpressionAttributeValues: { ':bucket': { S: 'page' } },
    });
    assert.deepEqual(
      (await world.dynamodb.send(page)).Items?.map(({ item }) => item?.S),
      ['2'],
    );
    world.clock.advance(3600);
    assert.equal((await world.dynamodb.send(page)).Count, 0);
  });

  test('a filtered query is billed by what it read, with placeholders that look alike', async () => {
    for (const item of ['a', 'b'])
      await world.dynamodb.send(
        new PutItemCommand({
          TableName,
          Item: {
            bucket: { S: 'read' },
            item: { S: item },
            kind: { S: item },
            text: { S: 'x'.repeat(5000) },
          },
        }),
      );
    world.meter.reset();
    const { Items } = await world.dynamodb.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: '#b = :b',
        FilterExpression: '#bb = :bb',
        ProjectionExpression: '#bb',
        ExpressionAttributeNames: { '#b': 'bucket', '#bb': 'kind' },
        ExpressionAttributeValues: { ':b': { S: 'read' }, ':bb': { S: 'a' } },
        ConsistentRead: true,
      }),
    );
    assert.deepEqual(Items, [{ kind: { S: 'a' } }]);
    assert.equal(unitsOf('Query'), 3);
  });

  test('batches are billed by each old and each read item', async () => {
    await put('big', { text: { S: 'x'.repeat(3000) } });
    world.meter.reset();
    await world.dynamodb.send(
      new BatchGetItemCommand({
        RequestItems: {
          [TableName]: { Keys: [keyOf('big'), keyOf('absent')], ProjectionExpression: 'note' },
        },
      }),
    );
    assert.equal(unitsOf('BatchGetItem'), 1);
    await world.dynamodb.send(
      new BatchWriteItemCommand({
        RequestItems: { [TableName]: [{ DeleteRequest: { Key: keyOf('big') } }] },
      }),
    );
    assert.equal(unitsOf('BatchWriteItem'), 3);
    assert.equal(await get('big'), undefined);
  });

  test('index entries are billed where they change', async () => {
    const TableName = world.nameOf('Indexed');
    const write = async (more: Record<string, AttributeValue>) => {
      world.meter.reset();
      await world.dynamodb.send(new PutItemCommand({ TableName, Item: { ...keyOf('entry'), ...more } }));
      return unitsOf('PutItem');
    };
    assert.equal(await write({}), 1);
    assert.equal(await write({ state: { S: 'queued' } }), 2);
    assert.equal(await write({ state: { S: 'queued' }, note: { S: 'unseen' } }), 1);
    assert.equal(await write({ state: { S: 'sent' } }), 3);
  });
});
