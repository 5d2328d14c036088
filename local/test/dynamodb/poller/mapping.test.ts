import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findStreamedTable, readTableStreamMappings } from '../../../src/dynamodb/poller/mapping.ts';
import type { TableStreamRecord } from '../../../src/dynamodb/table-streams/record.ts';
import { readSqsMappings } from '../../../src/sqs/poller/mapping.ts';
import { aHostedAssembly, aHostedResource } from '../../support/hosted-world.ts';

const TABLE_ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/Table';
const STREAM_ARN = `${TABLE_ARN}/stream/2026-01-01T00:00:00.000`;

const anAssembly = (mapping: Record<string, unknown> = {}, table: Record<string, unknown> = {}) =>
  aHostedAssembly([
    aHostedResource(
      'AWS::DynamoDB::Table',
      'Table',
      {
        KeySchema: [
          { AttributeName: 'item', KeyType: 'RANGE' },
          { AttributeName: 'bucket', KeyType: 'HASH' },
        ],
        StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
        ...table,
      },
      { arn: TABLE_ARN },
    ),
    aHostedResource('AWS::Lambda::Function', 'Follow'),
    aHostedResource('AWS::Lambda::EventSourceMapping', 'Mapping', {
      ...{ EventSourceArn: STREAM_ARN, FunctionName: 'Follow', StartingPosition: 'LATEST' },
      ...mapping,
    }),
  ]);
const read = (mapping: Record<string, unknown> = {}) => readTableStreamMappings(anAssembly(mapping))[0];

describe('the mapping of a stream', () => {
  test("the mapping of a stream has Lambda's defaults", () => {
    const { target, matches, ...mapping } = read() ?? assert.fail();
    assert.equal(target.logicalId, 'Follow');
    assert.ok(matches);
    assert.deepEqual(mapping, {
      ...{ logicalId: 'Mapping', streamArn: STREAM_ARN, tableName: 'Table', partitionKey: 'bucket' },
      ...{ startsAt: 'LATEST', batchSize: 100, windowMs: 0, parts: 1 },
      ...{ bisectsOnError: false, reportsItemFailures: false },
      ...{ maxRetries: Number.POSITIVE_INFINITY, maxAgeMs: 86_400_000 },
    });
  });

  test('the mapping of a stream is read as the template has it', () => {
    const { target, matches, ...mapping } =
      read({
        ...{ BatchSize: 7, MaximumBatchingWindowInSeconds: 2, ParallelizationFactor: 4 },
        ...{ BisectBatchOnFunctionError: true, MaximumRetryAttempts: 3, MaximumRecordAgeInSeconds: 60 },
        ...{ FunctionResponseTypes: ['ReportBatchItemFailures'], StartingPosition: 'TRIM_HORIZON' },
      }) ?? assert.fail();
    assert.ok(target && matches);
    assert.deepEqual(mapping, {
      ...{ logicalId: 'Mapping', streamArn: STREAM_ARN, tableName: 'Table', partitionKey: 'bucket' },
      ...{ startsAt: 'TRIM_HORIZON', batchSize: 7, windowMs: 2000, parts: 4 },
      ...{ bisectsOnError: true, reportsItemFailures: true, maxRetries: 3, maxAgeMs: 60_000 },
    });
  });

  test('the mapping of a stream keeps records no longer than a stream does', () => {
    assert.equal(read({ MaximumRecordAgeInSeconds: 604_800 })?.maxAgeMs, 86_400_000);
    assert.equal(read({ MaximumRecordAgeInSeconds: -1 })?.maxAgeMs, 86_400_000);
    assert.equal(read({ MaximumRetryAttempts: -1 })?.maxRetries, Number.POSITIVE_INFINITY);
    assert.equal(read({ MaximumRetryAttempts: 0 })?.maxRetries, 0);
  });

  const queueMappings = (assembly: ReturnType<typeof anAssembly>) =>
    readSqsMappings(assembly, (arn) => findStreamedTable(assembly, arn) !== undefined);

  test('the mapping of a stream is none of a queue, and is not there while it is disabled', () => {
    assert.deepEqual(queueMappings(anAssembly()), []);
    assert.deepEqual(readTableStreamMappings(anAssembly({ Enabled: false })), []);
  });

  describe('with filters', () => {
    const record = (eventName: string, NewImage: object) =>
      ({ eventName, dynamodb: { NewImage } }) as TableStreamRecord;
    const filters = (...patterns: object[]) => ({
      FilterCriteria: { Filters: patterns.map((pattern) => ({ Pattern: JSON.stringify(pattern) })) },
    });
    const facts = {
      eventName: ['INSERT', 'MODIFY'],
      dynamodb: { NewImage: { kind: { S: [{ exists: true }] } } },
    };

    for (const [title, patterns, wanted] of [
      ['no filter lets every record through', [], [true, true, true]],
      ['a single filter must match as a whole', [facts], [true, false, false]],
      ['one of several filters must match', [facts, { eventName: ['REMOVE'] }], [true, false, true]],
    ] as const)
      test(title, () => {
        const matches = read(filters(...patterns))?.matches ?? assert.fail();
        const records = [
          record('INSERT', { kind: { S: 'sent' } }),
          record('INSERT', { kind: { N: '1' } }),
          record('REMOVE', { kind: { S: 'sent' } }),
        ];
        assert.deepEqual(records.map(matches), wanted);
      });

    test('filters with an unknown operator stop the start and name it', () => {
      assert.throws(() => read(filters({ dynamodb: { n: [{ numeric: ['>', 1] }] } })), /numeric/);
      assert.throws(() => read({ FilterCriteria: { Filters: [{ Pattern: '{' }] } }), /Mapping is not JSON/);
    });
  });

  for (const [title, mapping, expected] of [
    ['a destination of failures', { DestinationConfig: { OnFailure: {} } }, /DestinationConfig of Mapping/],
    ['a tumbling window', { TumblingWindowInSeconds: 5 }, /TumblingWindowInSeconds of Mapping/],
    ['a start at a time', { StartingPosition: 'AT_TIMESTAMP' }, /StartingPosition AT_TIMESTAMP of Mapping/],
    ['no starting position', { StartingPosition: undefined }, /StartingPosition undefined of Mapping/],
    ['a function that is not there', { FunctionName: 'Nobody' }, /Mapping names no function/],
  ] as const)
    test(`stops the start by name for ${title}`, () => {
      assert.throws(() => read(mapping), expected);
    });

  test('stops the start by name where the table has no stream', () => {
    const assembly = anAssembly({}, { StreamSpecification: undefined });
    assert.deepEqual(readTableStreamMappings(assembly), []);
    assert.throws(
      () => queueMappings(assembly),
      /does not host the event source .*Table\/stream.* of Mapping/,
    );
  });
});
