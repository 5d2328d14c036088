import { createHash } from 'node:crypto';

/** A number of 32 bits for the value of a partition key: the same key always goes the same way. */
export const partitionHash = (value: unknown): number =>
  createHash('md5').update(JSON.stringify(value)).digest().readUInt32BE(0);
