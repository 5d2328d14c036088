import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { neededFor } from '../support/idle-services.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/Small-Table';
const STREAM = `${TABLE}/stream/2026-01-01T00:00:00.000`;
const key = (bucket: string) => ({ bucket: { S: bucket }, item: { S: 'i' } });

describe('what IAM asks for a call of DynamoDB', () => {
  for (const [what, actual, expected] of [
    [
      'a put names its partition',
      neededFor('dynamodb', 'PutItem', { TableName: 'Small-Table', Item: key('a') }),
      [['dynamodb:PutItem', TABLE, { 'dynamodb:leadingkeys': ['a'] }]],
    ],
    [
      'a query names its partition behind a placeholder, and its index',
      neededFor('dynamodb', 'Query', {
        TableName: 'Small-Table',
        IndexName: 'by-day',
        KeyConditionExpression: '#i > :i AND #b = :b',
        ExpressionAttributeNames: { '#b': 'bucket', '#i': 'item' },
        ExpressionAttributeValues: { ':b': { S: 'a' }, ':i': { S: 'x' } },
      }),
      [['dynamodb:Query', `${TABLE}/index/by-day`, { 'dynamodb:leadingkeys': ['a'] }]],
    ],
    [
      'a scan names no partition',
      neededFor('dynamodb', 'Scan', { TableName: 'Small-Table' }),
      [['dynamodb:Scan', TABLE, {}]],
    ],
    [
      'a batch of reads names each table and partition',
      neededFor('dynamodb', 'BatchGetItem', {
        RequestItems: { 'Small-Table': { Keys: [key('a'), key('b')] }, other: { Keys: [] } },
      }),
      [
        ['dynamodb:BatchGetItem', TABLE, { 'dynamodb:leadingkeys': ['a', 'b'] }],
        ['dynamodb:BatchGetItem', TABLE.replace('Small-Table', 'other'), {}],
      ],
    ],
    [
      'a call of streams needs the stream of the table',
      neededFor('dynamodb', 'ListStreams', { TableName: 'Small-Table' }),
      [['dynamodb:ListStreams', STREAM, {}]],
    ],
    [
      'a call of streams needs the stream that it names',
      neededFor('dynamodb', 'DescribeStream', { StreamArn: STREAM }),
      [['dynamodb:DescribeStream', STREAM, {}]],
    ],
    [
      'a read of records needs the stream of its iterator',
      neededFor('dynamodb', 'GetRecords', { ShardIterator: `${STREAM}|shardId-1|5` }),
      [['dynamodb:GetRecords', STREAM, {}]],
    ],
  ] as const)
    test(what, () => assert.deepEqual(actual, expected));
});
