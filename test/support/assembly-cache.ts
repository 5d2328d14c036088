import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { glob, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesise } from '../../local/synthesise.ts';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = ['{functions,infra,shared}/**/*.ts', 'postlane.config.ts', 'cdk.json', 'package-lock.json'];

let provided: Promise<string> | undefined;

/** The folder of the synthesised assembly; one for all test processes as long as the sources are the same. */
export function provideAssembly(): Promise<string> {
  provided ??= findOrSynthesise();
  return provided;
}

async function findOrSynthesise(): Promise<string> {
  const dir = join(tmpdir(), `postlane-test-assembly-${await hashSources()}`);
  if (existsSync(dir)) return dir;

  const fresh = await mkdtemp(join(tmpdir(), 'postlane-assembly-'));
  await synthesise(fresh);
  try {
    await rename(fresh, dir);
  } catch {
    // Another test process was faster; what it made is the same.
    await rm(fresh, { recursive: true, force: true });
  }
  return dir;
}

async function hashSources(): Promise<string> {
  const hash = createHash('sha256');
  const files: string[] = [];
  for await (const file of glob(SOURCES, { cwd: ROOT })) files.push(file);
  for (const file of files.sort()) hash.update(file).update(await readFile(join(ROOT, file)));
  return hash.digest('hex').slice(0, 16);
}
