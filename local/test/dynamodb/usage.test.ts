import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DynamodbCall, dynamodbUsage } from '../../src/dynamodb/usage.ts';

/** An item of exactly so many bytes. */
const itemOf = (bytes: number) => ({ k: { S: 'x'.repeat(bytes - 1) } });
const aCall = (overrides: Partial<DynamodbCall>): DynamodbCall => ({
  ...{ operation: 'GetItem', request: {}, response: {}, status: 200 },
  ...overrides,
});
const unitsOf = (overrides: Partial<DynamodbCall>) => dynamodbUsage(aCall(overrides));

const failedCondition = {
  status: 400,
  response: { __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException' },
};
const keys = [{ k: { S: 'a' } }, { k: { S: 'b' } }, { k: { S: 'c' } }];
const put = (bytes: number) => ({ PutRequest: { Item: itemOf(bytes) } });
const deletion = { DeleteRequest: { Key: keys[0] } };

describe('write units', () => {
  for (const [title, call, expected] of [
    ['write units are one for a put of 1 KB', { operation: 'PutItem', request: { Item: itemOf(1024) } }, 1],
    [
      'write units are two for a put of a byte more',
      { operation: 'PutItem', request: { Item: itemOf(1025) } },
      2,
    ],
    [
      'write units follow the larger old item of a put',
      { operation: 'PutItem', request: { Item: itemOf(10) }, before: [itemOf(3000)] },
      3,
    ],
    [
      'write units follow the larger new item of an update',
      { operation: 'UpdateItem', before: [itemOf(1000)], after: [itemOf(2000)] },
      2,
    ],
    ['write units are one for an update of nothing', { operation: 'UpdateItem', before: [undefined] }, 1],
    [
      'write units follow the deleted item',
      { operation: 'DeleteItem', before: [itemOf(5000)], after: [undefined] },
      5,
    ],
    ['write units are one for deleting nothing', { operation: 'DeleteItem', before: [undefined] }, 1],
    [
      'write units follow the existing item of a failed condition',
      { operation: 'PutItem', request: { Item: itemOf(9000) }, before: [itemOf(2500)], ...failedCondition },
      3,
    ],
    [
      'write units are one for a failed condition on nothing',
      { operation: 'UpdateItem', ...failedCondition },
      1,
    ],
    [
      'write units are rounded up for each item of a batch',
      {
        operation: 'BatchWriteItem',
        request: { RequestItems: { t: [put(10), put(1500)], u: [deletion] } },
        before: [undefined, undefined, itemOf(2048)],
      },
      1 + 2 + 2,
    ],
    [
      'write units leave out what a batch did not process',
      {
        operation: 'BatchWriteItem',
        request: { RequestItems: { t: [put(10), put(1500)] } },
        response: { UnprocessedItems: { t: [put(1500)] } },
      },
      1,
    ],
  ] as const) {
    test(title, () => assert.deepEqual(unitsOf(call), [{ units: expected, unit: 'WRU' }]));
  }
});

describe('read units', () => {
  for (const [title, call, expected] of [
    ['read units are a half for an item of 4 KB', { response: { Item: itemOf(4096) } }, 0.5],
    ['read units are one for an item of a byte more', { response: { Item: itemOf(4097) } }, 1],
    [
      'read units are whole for a consistent read',
      { request: { ConsistentRead: true }, response: { Item: itemOf(4096) } },
      1,
    ],
    ['read units are a half for an absent item', {}, 0.5],
    [
      'read units follow the stored and not the projected item',
      { response: { Item: itemOf(5) }, before: [itemOf(9000)] },
      1.5,
    ],
    [
      'read units are rounded up for each item of a batch, found or not',
      {
        operation: 'BatchGetItem',
        request: { RequestItems: { t: { Keys: keys }, u: { Keys: [keys[0]], ConsistentRead: true } } },
        response: { Responses: { t: [itemOf(10), itemOf(5000)], u: [itemOf(10)] } },
      },
      0.5 + 1 + 0.5 + 1,
    ],
    [
      'read units follow the stored items of a batch but the unprocessed',
      {
        operation: 'BatchGetItem',
        request: { RequestItems: { t: { Keys: keys } } },
        response: { Responses: {}, UnprocessedKeys: { t: { Keys: [keys[1]] } } },
        before: [itemOf(5000), itemOf(5000), undefined],
      },
      1 + 0.5,
    ],
    [
      'read units are rounded up once for a query',
      { operation: 'Query', response: { Items: [itemOf(3000), itemOf(3000), itemOf(3000)] } },
      1.5,
    ],
    [
      'read units are whole for a consistent query',
      { operation: 'Query', request: { ConsistentRead: true }, response: { Items: [itemOf(5000)] } },
      2,
    ],
    [
      'read units are a half for a query that finds nothing',
      { operation: 'Query', response: { Items: [] } },
      0.5,
    ],
    [
      'read units follow all items that a filter evaluated',
      {
        operation: 'Query',
        request: { FilterExpression: 'a = b' },
        response: { Items: [], ScannedCount: 2 },
        before: [itemOf(4000), itemOf(4000)],
      },
      1,
    ],
  ] as const) {
    test(title, () => assert.deepEqual(unitsOf(call), [{ units: expected, unit: 'RRU' }]));
  }

  for (const request of [{ FilterExpression: 'a' }, { ProjectionExpression: 'a' }, { Select: 'COUNT' }]) {
    test(`refuses to bill a query with ${Object.keys(request)} and no evaluated items`, () => {
      assert.throws(() => unitsOf({ operation: 'Query', request }), /evaluated items are needed/);
    });
  }
});

describe('DynamoDB bills nothing', () => {
  for (const [title, call] of [
    [
      'DynamoDB bills nothing for a throttle',
      { status: 400, response: { __type: 'x#ProvisionedThroughputExceededException' } },
    ],
    [
      'DynamoDB bills nothing for a refused request',
      { status: 400, response: { __type: 'x#ValidationException' } },
    ],
    ['DynamoDB bills nothing for a server error without a body', { status: 500, response: undefined }],
    ['DynamoDB bills nothing for an operation on a table', { operation: 'DescribeTable' }],
  ] as const) {
    test(title, () => assert.deepEqual(unitsOf(call), []));
  }

  test('a transaction is refused rather than billed as nothing', () => {
    assert.throws(() => unitsOf({ operation: 'TransactWriteItems' }), /TransactWriteItems is not metered/);
  });
});
