import type { TableStreamRecord } from '../table-streams/record.ts';

/** The event of a stream's event source mapping (Lambda developer guide, "Using Lambda with DynamoDB Streams"). */
export const toTableStreamEvent = (records: readonly TableStreamRecord[], streamArn: string) => ({
  Records: records.map((record) => ({ ...record, eventSourceARN: streamArn })),
});
