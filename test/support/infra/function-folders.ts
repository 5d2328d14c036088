import { globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** The folders of `functions/` that have a handler. */
export const functionFolders = (): readonly string[] =>
  globSync('functions/*/handler.ts', { cwd: ROOT }).map((path) => basename(dirname(path)));
