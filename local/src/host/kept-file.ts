import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Reads what an earlier run kept; `empty` without a file. */
export const readKept = <T>(file: string | undefined, empty: T): T =>
  file !== undefined && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : empty;

/** Replaces the file as a whole, so that a death leaves the old one or the new one. */
export function keep(file: string | undefined, value: unknown): void {
  if (file === undefined) return;
  writeFileSync(`${file}.new`, JSON.stringify(value));
  renameSync(`${file}.new`, file);
}
