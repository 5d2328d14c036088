import { STREAM_LABEL } from '../../assembly/table-stream-arn.ts';
import { jsonError } from '../../gateway/aws-error.ts';
import type { ServiceResponse } from '../../gateway/service-call.ts';
import type { TableStreamRecord } from './record.ts';
import type { TableStream } from './table-stream.ts';
import type { TableStreams } from './table-streams.ts';

type Input = Readonly<Record<string, unknown>>;
type Operate = (input: Input, streams: TableStreams) => unknown;

/** Number of records that one GetRecords gives at most. */
const MOST_RECORDS = 1000;
const MOST_BYTES = 1024 * 1024;

const OPERATIONS: Readonly<Record<string, Operate>> = {
  ListStreams: ({ TableName }, streams) => {
    const stream = streams.ofTable(String(TableName));
    return { Streams: stream ? [nameOf(stream)] : [] };
  },
  DescribeStream: ({ StreamArn }, streams) => {
    const stream = requireStream(String(StreamArn), streams);
    const Shards = stream.shardIds.map((ShardId) => ({ ShardId }));
    const { viewType: StreamViewType } = stream;
    return { StreamDescription: { ...nameOf(stream), StreamStatus: 'ENABLED', StreamViewType, Shards } };
  },
  GetShardIterator: ({ StreamArn, ShardId, ShardIteratorType, SequenceNumber }, streams) => {
    const after = { TRIM_HORIZON: '', AFTER_SEQUENCE_NUMBER: String(SequenceNumber) };
    const position = after[ShardIteratorType as keyof typeof after];
    if (position === undefined)
      throw new TableStreamsError('ValidationException', 'Unknown ShardIteratorType');
    requireStream(String(StreamArn), streams);
    return { ShardIterator: toIterator(String(StreamArn), String(ShardId), position) };
  },
  GetRecords: ({ ShardIterator, Limit = MOST_RECORDS }, streams) => {
    const [arn = '', shardId = '', position = ''] = String(ShardIterator).split('|');
    const limit = Math.min(Number(Limit), MOST_RECORDS);
    const found = requireStream(arn, streams).recordsAfter(shardId, position, limit);
    if (found === undefined) throw new TableStreamsError('ResourceNotFoundException', `No shard ${shardId}`);
    const Records = withinBytes(found);
    const next = Records.at(-1)?.dynamodb.SequenceNumber ?? position;
    return { Records, NextShardIterator: toIterator(arn, shardId, next) };
  },
};

class TableStreamsError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** DynamoDB Streams, as far as Lambda calls it; undefined for an operation that is not of streams. */
export const createTableStreamsApi =
  (streams: TableStreams) =>
  (operation: string, input: Input): ServiceResponse | undefined => {
    const operate = OPERATIONS[operation];
    if (!operate) return undefined;
    try {
      const body = Buffer.from(JSON.stringify(operate(input, streams)));
      return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body };
    } catch (error) {
      if (!(error instanceof TableStreamsError)) throw error;
      return jsonError(400, error.code, error.message);
    }
  };

/** Makes an iterator, which begins with the stream's ARN, as on AWS. */
const toIterator = (streamArn: string, shardId: string, position: string): string =>
  `${streamArn}|${shardId}|${position}`;

const nameOf = ({ arn, tableName }: TableStream) => ({
  StreamArn: arn,
  StreamLabel: STREAM_LABEL,
  TableName: tableName,
});

function requireStream(streamArn: string, streams: TableStreams): TableStream {
  const stream = streams.ofArn(streamArn);
  if (!stream) throw new TableStreamsError('ResourceNotFoundException', `No stream ${streamArn}`);
  return stream;
}

/** Cuts records to as many as fit, at least one. */
function withinBytes(records: readonly TableStreamRecord[]): readonly TableStreamRecord[] {
  let bytes = 0;
  const tooMany = records.findIndex(({ dynamodb }, index) => {
    bytes += dynamodb.SizeBytes;
    return index > 0 && bytes > MOST_BYTES;
  });
  return tooMany < 0 ? records : records.slice(0, tooMany);
}
