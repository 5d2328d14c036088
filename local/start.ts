import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { POSTLANE, readSettings, synthesise, welcome } from './postlane.ts';
import type { Progress } from './src/assembly/run-steps.ts';
import { assertPortFree } from './src/host/port.ts';
import type { Settings } from './src/host/settings.ts';
import { startLocalCloud } from './src/local-cloud.ts';

/** `npm start`: hosts the pipeline on this machine until it is told to stop. */
const say: Progress = (step, seconds) => console.log(`  ${step} (${seconds.toFixed(1)} s)`);

let end: () => Promise<void> = async () => {};
let isEnding = false;
const PARENT_WATCH_MS = 250;
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
whenParentEnds(stop);

try {
  await run(readSettings(process.env));
} catch (error) {
  if (!isEnding) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
    await end();
    process.exit();
  }
}

function stop(): void {
  if (isEnding) process.exit(130);
  isEnding = true;
  // What hangs must not keep the terminal.
  setTimeout(() => process.exit(0), 2000).unref();
  void end().finally(() => process.exit(0));
}

/**
 * A signal to npm ends npm and the shell between; the shell passes none of it on. Where the signal went to all of them,
 * the end of the parent is no second signal.
 */
function whenParentEnds(tell: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    if (!isEnding) tell();
  }, PARENT_WATCH_MS);
  watch.unref();
}

async function run(settings: Settings): Promise<void> {
  const startedAt = performance.now();
  await assertPortFree(settings.port);
  console.log('Postlane is starting on this machine.');

  const assembly = await provideAssembly(settings);
  end = assembly.remove;
  const hostingAt = performance.now();
  const cloud = await startLocalCloud({ ...settings, assemblyDir: assembly.dir, product: POSTLANE });
  end = async () => {
    await cloud.close();
    await assembly.remove();
  };
  say('hosted the template', (performance.now() - hostingAt) / 1000);
  console.log(welcome(cloud, settings, (performance.now() - startedAt) / 1000));
}

/** The assembly that somebody else synthesised, or a fresh one of our own, apart from that of other instances. */
async function provideAssembly({ assemblyDir }: Settings) {
  if (assemblyDir !== undefined) return { dir: assemblyDir, remove: async () => {} };
  const dir = await mkdtemp(join(tmpdir(), 'postlane-assembly-'));
  const remove = () => rm(dir, { recursive: true, force: true });
  try {
    await synthesise(dir, say);
  } catch (error) {
    await remove();
    throw error;
  }
  return { dir, remove };
}
