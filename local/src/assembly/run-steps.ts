import { spawn } from 'node:child_process';

/** Says what is done and how long it took. */
export type Progress = (step: string, seconds: number) => void;

/** A script that Node runs on the way to an assembly. */
interface Step {
  /** Words for when it is done. */
  readonly done: string;
  /** Path from the root of the project. */
  readonly script: string;
}

interface StepOptions {
  readonly root: string;
  /** Variables beside the environment of this process; undefined takes one away. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress: Progress;
}

/** Runs scripts one after the other. Rejects with what the failing one printed. */
export async function runSteps(steps: readonly Step[], options: StepOptions): Promise<void> {
  for (const { done, script } of steps) {
    const startedAt = performance.now();
    await runNode(script, options);
    options.progress(done, (performance.now() - startedAt) / 1000);
  }
}

async function runNode(script: string, { root, environment }: StepOptions): Promise<void> {
  const child = spawn(process.execPath, [script], {
    cwd: root,
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
