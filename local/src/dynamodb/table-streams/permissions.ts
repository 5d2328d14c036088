import type { Assembly } from '../../assembly/assembly.ts';
import { tableStreamArn } from '../../assembly/table-stream-arn.ts';
import type { NeededPermission } from '../../gateway/iam/needed-permission.ts';
import type { ServiceCall } from '../../gateway/wire-call.ts';

type NameStream = (input: ServiceCall['input'], assembly: Assembly) => string;

/** A stream is named by its table, by its ARN, or by an iterator, which begins with the ARN. */
const STREAMS: Readonly<Record<string, NameStream>> = {
  ListStreams: ({ TableName }, { region, accountId }) =>
    tableStreamArn(`arn:aws:dynamodb:${region}:${accountId}:table/${String(TableName)}`),
  DescribeStream: ({ StreamArn }) => String(StreamArn),
  GetShardIterator: ({ StreamArn }) => String(StreamArn),
  GetRecords: ({ ShardIterator }) => String(ShardIterator).split('|')[0] ?? '',
};

/**
 * Permissions that IAM asks for a call of DynamoDB Streams; undefined for an operation that is not of
 * streams.
 */
export function tableStreamPermissions(
  { operation, input }: ServiceCall,
  assembly: Assembly,
): readonly NeededPermission[] | undefined {
  const resource = STREAMS[operation]?.(input, assembly);
  return resource === undefined ? undefined : [{ action: `dynamodb:${operation}`, resource, context: {} }];
}
