import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UsageReport } from '../../../local/src/gateway/metering/meter.ts';
import type { SinkMail } from '../../../local/src/sink/mail.ts';
import { type ConfigChanges, provideAssembly } from '../infra/assembly-cache.ts';

interface TestCloudOptions {
  /** What postlane.config.ts would say in place of what it says. */
  readonly config?: ConfigChanges;
  /** Changes the synthesised assembly in its folder before it is hosted. */
  readonly edit?: (assemblyDir: string) => void | Promise<void>;
  /** More variables for the process: `POSTLANE_DATA_DIR`, `POSTLANE_SMTP_TARGET`, … */
  readonly environment?: Readonly<Record<string, string>>;
}

interface FaultRule {
  readonly service: string;
  readonly operation: string;
  readonly fault: string;
  readonly rate?: number;
  readonly count?: number;
  readonly ms?: number;
  readonly when?: 'before' | 'after';
}

export interface TestCloud {
  readonly url: string;
  readonly apiKey: string;
  /** Mail as SMTP received it, oldest first; `to` is one envelope recipient. */
  inbox(to?: string): Promise<readonly SinkMail[]>;
  usage(): Promise<UsageReport>;
  resetUsage(): Promise<void>;
  /** Replaces the fault rules. */
  faults(rules: readonly FaultRule[]): Promise<void>;
  advance(seconds: number): Promise<void>;
  /** What the process printed so far, both streams. */
  output(): string;
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;

/** Hosts the pipeline in a process of its own. Rejects with what it printed where it does not start. */
export async function startTestCloud(options: TestCloudOptions = {}): Promise<TestCloud> {
  const assembly = await prepareAssembly(options);
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../../local/start.ts')], {
    env: { ...process.env, PORT: '0', POSTLANE_ASSEMBLY: assembly.dir, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killAtExit = () => child.kill('SIGKILL');
  process.on('exit', killAtExit);
  const close = async () => {
    await stop(child);
    process.off('exit', killAtExit);
    await assembly.remove();
  };

  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => printed.push(text));
  try {
    return { ...connect(await readUrl(child, printed), options), output: () => printed.join(''), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function prepareAssembly({ config, edit }: TestCloudOptions) {
  const original = await provideAssembly(config);
  if (!edit) return { dir: original, remove: async () => {} };
  const dir = await mkdtemp(join(tmpdir(), 'postlane-edited-'));
  await cp(original, dir, { recursive: true });
  await edit(dir);
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

function readUrl(child: ChildProcess, printed: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => reject(new Error(`${reason}:\n${printed.join('')}`));
    const timer = setTimeout(() => fail('The local cloud was not ready in time'), START_TIMEOUT_MS);
    child.once('close', () => {
      clearTimeout(timer);
      fail('The local cloud did not start');
    });
    child.stdout?.on('data', () => {
      const url = /^ {2}URL +(http:\S+)$/m.exec(printed.join(''))?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}

function connect(url: string, { environment }: TestCloudOptions): Omit<TestCloud, 'output' | 'close'> {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(url + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };

  return {
    url,
    apiKey: environment?.POSTLANE_API_KEY ?? 're_local',
    inbox: createSinkReader(
      async (after) => (await call('GET', `/_local/inbox?after=${after}`)) as SinkMail[],
    ),
    usage: async () => (await call('GET', '/_local/usage')) as UsageReport,
    resetUsage: async () => void (await call('DELETE', '/_local/usage')),
    faults: async (rules) => void (await call('POST', '/_local/faults', rules)),
    advance: async (advanceSeconds) => void (await call('POST', '/_local/clock', { advanceSeconds })),
  };
}

/** Asks only for what came since it asked last: tests ask often, and a thousand mails are megabytes. */
function createSinkReader(readAfter: (id: string) => Promise<readonly SinkMail[]>): TestCloud['inbox'] {
  const mails: SinkMail[] = [];
  let reading = Promise.resolve();
  const readOn = async () => void mails.push(...(await readAfter(mails.at(-1)?.id ?? '')));

  return async (to) => {
    const read = reading.then(readOn);
    reading = read.catch(() => {});
    await read;
    if (to === undefined) return [...mails];
    return mails.filter(({ envelope }) =>
      envelope.to.some((each) => each.toLowerCase() === to.toLowerCase()),
    );
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  child.kill('SIGTERM');
  await closed;
  clearTimeout(timer);
}
