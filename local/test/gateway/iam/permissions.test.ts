import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadAssembly } from '../../../src/assembly/load-assembly.ts';
import { permissionsFor } from '../../../src/gateway/iam/permissions.ts';
import type { ServiceName } from '../../../src/gateway/service-call.ts';
import { aTable, writeAssembly } from '../../support/small-assembly.ts';

const assembly = loadAssembly(writeAssembly({ Table: aTable() }), { queueUrlBase: 'http://127.0.0.1:9' });
const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/Small-Table';
const STREAM = `${TABLE}/stream/2026-01-01T00:00:00.000`;
const BUS = 'arn:aws:events:us-east-1:000000000000:event-bus';
const SES = 'arn:aws:ses:us-east-1:000000000000';

const needs = (service: ServiceName, operation: string, input: object, more: object = {}) =>
  permissionsFor({ service, operation, input: { ...input }, ...more }, assembly).map(
    ({ action, resource, context }) => [action, resource, context],
  );

describe('what IAM asks for a call', () => {
  const key = (bucket: string) => ({ bucket: { S: bucket }, item: { S: 'i' } });
  const QueueUrl = 'http://127.0.0.1:9/000000000000/mail';
  const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:mail';

  for (const [what, actual, expected] of [
    [
      'a batch of messages is one permission to send',
      needs('sqs', 'SendMessageBatch', { QueueUrl }),
      [['sqs:SendMessage', QUEUE, {}]],
    ],
    [
      'a call about an SES identity names it',
      needs('ses', 'GetEmailIdentity', { EmailIdentity: 'Acme.io' }),
      [['ses:GetEmailIdentity', `${SES}:identity/acme.io`, {}]],
    ],
    [
      'a call about a dedicated IP pool names it',
      needs('ses', 'GetDedicatedIps', { PoolName: 'own' }),
      [['ses:GetDedicatedIps', `${SES}:dedicated-ip-pool/own`, {}]],
    ],
    [
      'a call about no resource of SES asks for all',
      needs('ses', 'PutAccountDedicatedIpWarmupAttributes', { AutoWarmupEnabled: false }),
      [['ses:PutAccountDedicatedIpWarmupAttributes', '*', {}]],
    ],
    [
      'an association needs the tenant and the resource',
      needs('ses', 'CreateTenantResourceAssociation', {
        TenantName: 'acme',
        ResourceArn: `${SES}:identity/acme.io`,
      }),
      [
        ['ses:CreateTenantResourceAssociation', `${SES}:tenant/acme/*`, {}],
        ['ses:CreateTenantResourceAssociation', `${SES}:identity/acme.io`, {}],
      ],
    ],
    [
      'a mail of a tenant says whose it is',
      needs('ses', 'SendEmail', { FromEmailAddress: 'ada@example.com', TenantName: 'acme' }),
      [
        [
          'ses:SendEmail',
          `${SES}:identity/example.com`,
          { 'ses:fromaddress': 'ada@example.com', 'ses:tenantname': 'acme' },
        ],
      ],
    ],
    [
      'a batch of deletions is one permission to delete',
      needs('sqs', 'DeleteMessageBatch', { QueueUrl }),
      [['sqs:DeleteMessage', QUEUE, {}]],
    ],
    [
      'a put names its partition',
      needs('dynamodb', 'PutItem', { TableName: 'Small-Table', Item: key('a') }),
      [['dynamodb:PutItem', TABLE, { 'dynamodb:leadingkeys': ['a'] }]],
    ],
    [
      'a query names its partition behind a placeholder, and its index',
      needs('dynamodb', 'Query', {
        TableName: 'Small-Table',
        IndexName: 'by-day',
        KeyConditionExpression: '#i > :i AND #b = :b',
        ExpressionAttributeNames: { '#b': 'bucket', '#i': 'item' },
        ExpressionAttributeValues: { ':b': { S: 'a' }, ':i': { S: 'x' } },
      }),
      [['dynamodb:Query', `${TABLE}/index/by-day`, { 'dynamodb:leadingkeys': ['a'] }]],
    ],
    [
      'a scan names none',
      needs('dynamodb', 'Scan', { TableName: 'Small-Table' }),
      [['dynamodb:Scan', TABLE, {}]],
    ],
    [
      'a batch of reads names each table and partition',
      needs('dynamodb', 'BatchGetItem', {
        RequestItems: { 'Small-Table': { Keys: [key('a'), key('b')] }, other: { Keys: [] } },
      }),
      [
        ['dynamodb:BatchGetItem', TABLE, { 'dynamodb:leadingkeys': ['a', 'b'] }],
        ['dynamodb:BatchGetItem', TABLE.replace('Small-Table', 'other'), {}],
      ],
    ],
    [
      'a call of streams needs the stream of the table',
      needs('dynamodb', 'ListStreams', { TableName: 'Small-Table' }),
      [['dynamodb:ListStreams', STREAM, {}]],
    ],
    [
      'a call of streams needs the stream that it names',
      needs('dynamodb', 'DescribeStream', { StreamArn: STREAM }),
      [['dynamodb:DescribeStream', STREAM, {}]],
    ],
    [
      'a read of records needs the stream of its iterator',
      needs('dynamodb', 'GetRecords', { ShardIterator: `${STREAM}|shardId-1|5` }),
      [['dynamodb:GetRecords', STREAM, {}]],
    ],
    [
      'events need each bus once, by name or ARN, and the default one where none is named',
      needs('events', 'PutEvents', {
        Entries: [{ EventBusName: 'own' }, { EventBusName: `${BUS}/own` }, {}],
      }),
      [
        ['events:PutEvents', `${BUS}/own`, {}],
        ['events:PutEvents', `${BUS}/default`, {}],
      ],
    ],
    [
      'a mail needs the identity of its From domain and the configuration set',
      needs('ses', 'SendEmail', {
        FromEmailAddress: '"A, <b>" <ada@Example.com>',
        ConfigurationSetName: 'main',
      }),
      [
        ['ses:SendEmail', `${SES}:identity/example.com`, { 'ses:fromaddress': 'ada@Example.com' }],
        ['ses:SendEmail', `${SES}:configuration-set/main`, { 'ses:fromaddress': 'ada@Example.com' }],
      ],
    ],
    [
      'a look at an object is a permission to get it',
      needs('s3', 'HeadObject', {}, { bucket: 'b', key: 'k/1' }),
      [['s3:GetObject', 'arn:aws:s3:::b/k/1', {}]],
    ],
    [
      'a list is a permission on the bucket',
      needs('s3', 'ListObjectsV2', {}, { bucket: 'b' }),
      [['s3:ListBucket', 'arn:aws:s3:::b', {}]],
    ],
    [
      'a copy needs the target and the source',
      needs('s3', 'CopyObject', {}, { bucket: 'b', key: 'to', copySource: 'a/from' }),
      [
        ['s3:PutObject', 'arn:aws:s3:::b/to', {}],
        ['s3:GetObject', 'arn:aws:s3:::a/from', {}],
      ],
    ],
  ] as const)
    test(what, () => assert.deepEqual(actual, expected));
});
