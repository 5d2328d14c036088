import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { glob, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Config } from '../../../infra/config.ts';
import { synthesise } from '../../../local/postlane.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SOURCES = ['{functions,infra,shared}/**/*.ts', 'postlane.config.ts', 'cdk.json', 'package-lock.json'];

/** What an operator would have written in place of what postlane.config.ts says. */
export type ConfigChanges = Partial<Config>;

const provided = new Map<string, Promise<string>>();

/** The folder of the synthesised assembly; one for all test processes as long as the sources are the same. */
export function provideAssembly(changes: ConfigChanges = {}): Promise<string> {
  const key = JSON.stringify(changes);
  const assembly = provided.get(key) ?? findOrSynthesise(changes, key);
  provided.set(key, assembly);
  return assembly;
}

const findOrSynthesise = (changes: ConfigChanges, key: string): Promise<string> =>
  provideOnce(`assembly ${key}`, (dir) => (key === '{}' ? synthesise(dir) : synthesiseChanged(changes, dir)));

/** A folder that `fill` fills once for these sources. */
async function provideOnce(what: string, fill: (dir: string) => Promise<void>): Promise<string> {
  const dir = join(tmpdir(), `postlane-test-${await hashSources(what)}`);
  if (existsSync(dir)) return dir;

  const fresh = await mkdtemp(join(tmpdir(), 'postlane-test-fresh-'));
  await fill(fresh);
  try {
    await rename(fresh, dir);
  } catch {
    // Another test process was faster; what it made is the same.
    await rm(fresh, { recursive: true, force: true });
  }
  return dir;
}

/** Loads the CDK only where a config is changed: it takes seconds. */
async function synthesiseChanged(changes: ConfigChanges, outdir: string): Promise<void> {
  const [{ App }, { default: config }, { defineConfig }, { PipelineStack }] = await Promise.all([
    import('aws-cdk-lib'),
    import('../../../postlane.config.ts'),
    import('../../../infra/config.ts'),
    import('../../../infra/pipeline-stack.ts'),
  ]);
  const { context = {} } = JSON.parse(await readFile(join(ROOT, 'cdk.json'), 'utf8'));
  const app = new App({ outdir, context });
  const { domains, content } = config;
  const distDir = await provideOnce('bundles', bundle);
  new PipelineStack(app, 'Postlane', { config: defineConfig({ domains, content, ...changes }), distDir });
  app.synth();
}

async function bundle(outdir: string): Promise<void> {
  const env = { ...process.env, POSTLANE_DIST_DIR: outdir };
  await promisify(execFile)(process.execPath, ['infra/build.ts'], { cwd: ROOT, env });
}

async function hashSources(key: string): Promise<string> {
  const hash = createHash('sha256').update(key);
  const files: string[] = [];
  for await (const file of glob(SOURCES, { cwd: ROOT })) files.push(file);
  for (const file of files.sort()) hash.update(file).update(await readFile(join(ROOT, file)));
  return hash.digest('hex').slice(0, 16);
}
