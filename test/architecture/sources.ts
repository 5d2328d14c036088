import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file of the project, as the law reads it. */
export interface SourceFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export const ROOT = join(import.meta.dirname, '../..');

const FOLDERS = 'infra,functions,shared,local,cli,console,smtp,bench,test';

/** Every TypeScript file of the project. */
export const readSources = (): readonly SourceFile[] =>
  globSync([`{${FOLDERS}}/**/*.ts`, 'postlane.config.ts'], { cwd: ROOT, exclude: ['**/node_modules/**'] })
    .sort()
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
