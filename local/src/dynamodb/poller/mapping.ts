import type { Assembly, HostedResource } from '../../assembly/assembly.ts';
import { tableStreamArn } from '../../assembly/table-stream-arn.ts';
import { parsePattern } from '../../events/pattern.ts';
import { enabledMappings } from '../../lambda/event-source-mapping/enabled-mappings.ts';
import { findFunction } from '../../lambda/invoke-permission.ts';
import { STREAM_RETENTION_MS, type TableStreamRecord } from '../table-streams/record.ts';
import { partitionKeyOf } from '../table-streams/table-streams.ts';
import type { RetryPolicy } from './batch.ts';

/** One enabled AWS::Lambda::EventSourceMapping of a table's stream; defaults are Lambda's. */
export interface TableStreamMapping extends RetryPolicy {
  readonly logicalId: string;
  readonly target: HostedResource;
  readonly streamArn: string;
  readonly tableName: string;
  readonly partitionKey: string;
  readonly startsAt: 'TRIM_HORIZON' | 'LATEST';
  readonly batchSize: number;
  readonly windowMs: number;
  /** Batches of one shard that may be at work at once, each with partition keys of its own. */
  readonly parts: number;
  /** Tells whether the filters let a record through. */
  matches(record: TableStreamRecord): boolean;
}

const KNOWN = new Set([
  'BatchSize',
  'BisectBatchOnFunctionError',
  'Enabled',
  'EventSourceArn',
  'FilterCriteria',
  'FunctionName',
  'FunctionResponseTypes',
  'MaximumBatchingWindowInSeconds',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'ParallelizationFactor',
  'StartingPosition',
  'Tags',
]);

/**
 * Lambda's own default, for streams. https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
 */
const DEFAULT_BATCH_SIZE = 100;

/** The mappings of streams. Throws with the name of what the local cloud does not host. */
export function readTableStreamMappings(assembly: Assembly): readonly TableStreamMapping[] {
  return enabledMappings(assembly).flatMap((resource) => {
    const table = findStreamedTable(assembly, resource.properties.EventSourceArn);
    return table === undefined ? [] : [readMapping(assembly, resource, table)];
  });
}

/** The table whose stream an ARN names; undefined also for a table that has none. */
export const findStreamedTable = (assembly: Assembly, streamArn: unknown): HostedResource | undefined =>
  assembly
    .byType('AWS::DynamoDB::Table')
    .filter(({ properties }) => properties.StreamSpecification !== undefined)
    .find(({ arn = '' }) => tableStreamArn(arn) === streamArn);

function readMapping(
  assembly: Assembly,
  { logicalId, properties }: HostedResource,
  table: HostedResource,
): TableStreamMapping {
  const stray = Object.keys(properties).find((name) => !KNOWN.has(name));
  if (stray !== undefined) throw new Error(`The local cloud does not host ${stray} of ${logicalId}`);
  const target = findFunction(assembly, String(properties.FunctionName));
  if (!target) throw new Error(`${logicalId} names no function of the template`);
  const { StartingPosition, FunctionResponseTypes: responseTypes } = properties;
  if (StartingPosition !== 'TRIM_HORIZON' && StartingPosition !== 'LATEST')
    throw new Error(`The local cloud does not host StartingPosition ${StartingPosition} of ${logicalId}`);

  return {
    ...{ logicalId, target, startsAt: StartingPosition },
    streamArn: String(properties.EventSourceArn),
    tableName: table.physicalId,
    partitionKey: partitionKeyOf(table),
    batchSize: Number(properties.BatchSize ?? DEFAULT_BATCH_SIZE),
    windowMs: Number(properties.MaximumBatchingWindowInSeconds ?? 0) * 1000,
    parts: Number(properties.ParallelizationFactor ?? 1),
    matches: readFilters(logicalId, properties.FilterCriteria),
    bisectsOnError: String(properties.BisectBatchOnFunctionError) === 'true',
    reportsItemFailures: Array.isArray(responseTypes) && responseTypes.includes('ReportBatchItemFailures'),
    maxRetries: limitOf(properties.MaximumRetryAttempts, Number.POSITIVE_INFINITY),
    maxAgeMs: limitOf(properties.MaximumRecordAgeInSeconds, STREAM_RETENTION_MS / 1000) * 1000,
  };
}

/** Reads a limit: -1 and nothing say that there is none but `most`. */
const limitOf = (value: unknown, most: number): number =>
  value === undefined || Number(value) === -1 ? most : Math.min(Number(value), most);

/** Reads the filters. One of them must match, where there are any. */
function readFilters(logicalId: string, criteria: unknown): TableStreamMapping['matches'] {
  const { Filters = [] } = (criteria ?? {}) as { Filters?: readonly { Pattern?: string }[] };
  const patterns = Filters.map(({ Pattern }) => parsePattern(parseJson(logicalId, Pattern)));
  return (record) => patterns.length === 0 || patterns.some((matches) => matches(record));
}

function parseJson(logicalId: string, pattern: string | undefined): unknown {
  try {
    return JSON.parse(pattern ?? '{}');
  } catch (cause) {
    throw new Error(`A filter pattern of ${logicalId} is not JSON`, { cause });
  }
}
