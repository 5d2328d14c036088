import type { StreamRecord } from './ports.ts';

/** How long DynamoDB keeps the records of a stream. */
export const STREAM_RETENTION_MS = 24 * 60 * 60 * 1000;

export const ageMs = ({ dynamodb }: StreamRecord, nowMs: number): number =>
  nowMs - dynamodb.ApproximateCreationDateTime * 1000;
