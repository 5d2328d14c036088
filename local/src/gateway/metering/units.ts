import { asRecord, byteLength, type Json, sum } from '../../host/json.ts';

/** Units that one request is billed for; `unit` is a key of the price list. */
export interface BilledUnits {
  readonly units: number;
  readonly unit: string;
}

export const BYTES_PER_GB = 1024 ** 3;
const CHUNK_BYTES = 64 * 1024;

/** SQS, SNS and EventBridge bill each begun 64 KB of a request's payload, at least one. */
export const toChunks = (bytes: number): number => Math.max(1, Math.ceil(bytes / CHUNK_BYTES));

/** Name, type and value of each message attribute count as payload in SQS and SNS. */
export function attributesSize(attributes: unknown): number {
  return sum(
    Object.entries(asRecord(attributes)).map(([name, value]) => attributeSize(name, asRecord(value))),
  );
}

function attributeSize(name: string, { DataType, StringValue, BinaryValue }: Json): number {
  const binary = typeof BinaryValue === 'string' ? Buffer.byteLength(BinaryValue, 'base64') : 0;
  return byteLength(name) + byteLength(DataType) + byteLength(StringValue) + binary;
}
