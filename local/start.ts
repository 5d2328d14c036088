import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from './postlane.ts';
import { type Progress, synthesise } from './src/assembly/synthesise.ts';
import { type LocalCloud, startLocalCloud } from './src/host/local-cloud.ts';
import { assertPortFree } from './src/host/port.ts';
import type { Settings } from './src/host/settings.ts';

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
  const cloud = await startLocalCloud({ ...settings, assemblyDir: assembly.dir });
  end = async () => {
    await cloud.close();
    await assembly.remove();
  };
  say('hosted the template', (performance.now() - hostingAt) / 1000);
  console.log(welcome(cloud, (performance.now() - startedAt) / 1000));
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

function welcome({ url, apiKey, smtpTarget }: LocalCloud & { smtpTarget?: string }, seconds: number): string {
  const mail = {
    from: 'you@example.com',
    to: 'friend@example.org',
    subject: 'Hello',
    html: '<p>It works.</p>',
  };
  const curl = `curl -s ${url}/emails -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: application/json' -d '${JSON.stringify(mail)}'`;
  const script = `import { Resend } from "resend"; console.log(await new Resend("${apiKey}").emails.send(${JSON.stringify(mail)}))`;

  return [
    '',
    `Postlane is ready after ${seconds.toFixed(1)} s.`,
    '',
    `  URL      ${url}`,
    `  API key  ${apiKey}`,
    `  Inbox    ${smtpTarget === undefined ? `${url}/_local/` : `none here: mail goes to ${smtpTarget}`}`,
    '',
    'Send a mail with curl:',
    `  ${curl}`,
    '',
    'or with the Resend SDK, in this folder:',
    `  RESEND_BASE_URL=${url} node --input-type=module -e '${script}'`,
    '',
  ].join('\n');
}
