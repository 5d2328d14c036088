import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import type { TableStreamRecord } from './record.ts';

/** Records of one stream on the disk, a line each, in order. */
export interface TableStreamFile {
  /** Records that an earlier run left. */
  readonly records: readonly TableStreamRecord[];
  append(record: TableStreamRecord): void;
  /** Notes that `last` and all before it were read by every reader. */
  drained(last: TableStreamRecord): void;
  close(): void;
}

/** Size from which on a file without anything left to read is written anew. */
const LARGEST_DRAINED_BYTES = 1024 * 1024;

export const noFile: TableStreamFile = { records: [], append: () => {}, drained: () => {}, close: () => {} };

/**
 * Opens a stream's file. Every line is with the operating system before the write that it tells of is
 * answered.
 */
export function openTableStreamFile(path: string): TableStreamFile {
  const { records, bytes } = readRecords(path);
  let fd = openSync(path, 'a');
  let size = bytes;
  const append = (record: TableStreamRecord) => {
    size += writeSync(fd, `${JSON.stringify(record)}\n`);
  };
  const close = () => closeSync(fd);

  return {
    ...{ records, append, close },
    // The last record stays: numbers go on from it.
    drained: (last) => {
      if (size < LARGEST_DRAINED_BYTES) return;
      close();
      const line = `${JSON.stringify(last)}\n`;
      writeFileSync(`${path}.new`, line);
      renameSync(`${path}.new`, path);
      fd = openSync(path, 'a');
      size = Buffer.byteLength(line);
    },
  };
}

/** A line without an end is of a process that died while it wrote; it is cut off. */
function readRecords(path: string): { records: TableStreamRecord[]; bytes: number } {
  if (!existsSync(path)) return { records: [], bytes: 0 };
  const content = readFileSync(path);
  const bytes = content.lastIndexOf('\n') + 1;
  if (bytes < content.length) truncateSync(path, bytes);
  const lines = content.subarray(0, bytes).toString('utf8').split('\n').filter(Boolean);
  return { records: lines.map((line) => JSON.parse(line) as TableStreamRecord), bytes };
}
