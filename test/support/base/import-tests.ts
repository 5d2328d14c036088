import { globSync } from 'node:fs';
import { join } from 'node:path';

const TESTS = join(import.meta.dirname, '../..');

/** Imports every test file of a folder of `test`, in order. Throws where there is none. */
export async function importTests(folder: string): Promise<void> {
  const files = globSync(`${folder}/**/*.test.ts`, { cwd: TESTS });
  if (files.length === 0) throw new Error(`No test in ${folder}`);
  for (const file of files.sort()) await import(join(TESTS, file));
}
