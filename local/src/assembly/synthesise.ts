import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** Says what is done and how long it took. */
export type Progress = (step: string, seconds: number) => void;

/**
 * Bundles the functions and writes the cloud assembly to `outDir`. The CDK app itself is run, as `cdk synth` runs
 * it (https://docs.aws.amazon.com/cdk/v2/guide/apps.html): the same assembly without the seconds of the CLI.
 * Rejects with what the failing step printed.
 */
export async function synthesise(outDir: string, progress: Progress = () => {}): Promise<void> {
  const { context = {} } = JSON.parse(await readFile(join(ROOT, 'cdk.json'), 'utf8')) as { context?: object };
  const dist = await mkdtemp(join(tmpdir(), 'postlane-bundles-'));
  const environment = {
    POSTLANE_DIST_DIR: dist,
    CDK_OUTDIR: outDir,
    CDK_CONTEXT_JSON: JSON.stringify(context),
    // An account in the caller's shell would be written into the template, and hosting knows only its own.
    CDK_DEFAULT_ACCOUNT: undefined,
    CDK_DEFAULT_REGION: undefined,
  };
  try {
    await timed('bundled the functions', progress, () => runNode('infra/build.ts', environment));
    await timed('synthesised the template', progress, () => runNode('infra/app.ts', environment));
  } finally {
    await rm(dist, { recursive: true, force: true });
  }
}

async function timed(step: string, progress: Progress, work: () => Promise<void>): Promise<void> {
  const startedAt = performance.now();
  await work();
  progress(step, (performance.now() - startedAt) / 1000);
}

async function runNode(script: string, environment: Record<string, string | undefined>): Promise<void> {
  const child = spawn(process.execPath, [script], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`node ${script} failed:\n${Buffer.concat(printed).toString('utf8')}`);
}
