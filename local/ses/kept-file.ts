import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** What an earlier run kept; `empty` without a file. */
export const readKept = <T>(file: string | undefined, empty: T): T =>
  file !== undefined && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : empty;

export function keep(file: string | undefined, value: unknown): void {
  if (file !== undefined) writeFileSync(file, JSON.stringify(value));
}
