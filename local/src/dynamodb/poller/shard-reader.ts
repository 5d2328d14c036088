import type { Caller, Gateway } from '../../gateway/service-call.ts';
import type { TableStreamRecord } from '../table-streams/record.ts';
import type { TableStreamMapping } from './mapping.ts';

/** DynamoDB Streams refused or failed. */
export class TableStreamCallError extends Error {
  readonly isDenied: boolean;

  constructor(operation: string, status: number, text: string) {
    super(`${operation} answered ${status}: ${text.slice(0, 300)}`);
    this.name = 'TableStreamCallError';
    this.isDenied = text.includes('AccessDenied');
  }
}

/** Records after a sequence number, at most a page of them; none where there are no more yet. */
export type ReadShard = (sequenceNumber: string) => Promise<readonly TableStreamRecord[]>;

/**
 * Reads a shard with the permissions of the mapping's function, as Lambda does, which pays nothing for it. The promise
 * rejects with TableStreamCallError.
 */
export function createShardReader(
  { logicalId, target, streamArn, tableName }: TableStreamMapping,
  ShardId: string,
  gatewayCall: Gateway['call'],
): ReadShard {
  const caller: Caller = {
    kind: 'function',
    functionLogicalId: target.logicalId,
    functionName: target.functionName ?? target.logicalId,
    workerId: `event-source-${logicalId}`,
  };
  const call = <T>(operation: string, input: object) =>
    callTableStreams<T>(gatewayCall, caller, operation, input);
  let isFound = false;
  let next: { readonly after: string; readonly iterator: string } | undefined;

  const find = async () => {
    await call('ListStreams', { TableName: tableName });
    await call('DescribeStream', { StreamArn: streamArn });
    isFound = true;
  };
  const openIterator = async (after: string): Promise<string> => {
    if (!isFound) await find();
    const position =
      after === ''
        ? { ShardIteratorType: 'TRIM_HORIZON' }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after };
    const input = { StreamArn: streamArn, ShardId, ...position };
    return (await call<{ ShardIterator: string }>('GetShardIterator', input)).ShardIterator;
  };

  return async (after) => {
    const ShardIterator = next?.after === after ? next.iterator : await openIterator(after);
    const page = await call<{ Records: TableStreamRecord[]; NextShardIterator: string }>('GetRecords', {
      ShardIterator,
    });
    const last = page.Records.at(-1)?.dynamodb.SequenceNumber ?? after;
    next = { after: last, iterator: page.NextShardIterator };
    return page.Records;
  };
}

async function callTableStreams<T>(
  gatewayCall: Gateway['call'],
  caller: Caller,
  operation: string,
  input: object,
): Promise<T> {
  const { status, body } = await gatewayCall({
    ...{ service: 'dynamodb', operation, method: 'POST', url: '/', caller },
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDBStreams_20120810.${operation}`,
    },
    body: Buffer.from(JSON.stringify(input)),
  });
  const text = body.toString('utf8');
  if (status >= 300) throw new TableStreamCallError(operation, status, text);
  return JSON.parse(text) as T;
}
