import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, type TestContext, test } from 'node:test';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { eventually } from '../../test/support/base/eventually.ts';
import { readPieces } from './support/function-url-world.ts';
import { writeMiniAssembly } from './support/mini-assembly.ts';

const START = join(import.meta.dirname, '../start.ts');

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly text: () => string;
  readonly ended: Promise<number | null>;
}

function launch(
  t: TestContext,
  environment: Record<string, string> = {},
  more = {},
  [command, ...args]: readonly [string, ...string[]] = [process.execPath, START],
): Started {
  const assembly = writeMiniAssembly(more);
  const child = spawn(command, args, {
    env: { ...process.env, PORT: '0', POSTLANE_ASSEMBLY: assembly, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  t.after(async () => {
    child.kill();
    await ended;
    rmSync(assembly, { recursive: true, force: true });
  });
  return { child, url: '', text: () => text, ended };
}

async function start(
  t: TestContext,
  environment: Record<string, string> = {},
  command?: readonly [string, ...string[]],
): Promise<Started> {
  const started = launch(t, environment, {}, command);
  const readUrl = () => /URL +(http:\S+)/.exec(started.text())?.[1];
  await eventually(async () => assert.ok(readUrl(), started.text()));
  return { ...started, url: readUrl() ?? '' };
}

interface Listed {
  readonly endpoint: string;
  readonly functions: readonly { readonly folder: string; readonly functionName: string }[];
}

/** Of the queue's source; those that wait are not among them. */
async function receivesEnded(url: string): Promise<number> {
  const { operations } = (await read(`${url}/_local/usage`)) as {
    operations: readonly { readonly operation: string; readonly requests: number }[];
  };
  return operations.find(({ operation }) => operation === 'ReceiveMessage')?.requests ?? 0;
}

const read = async (url: string): Promise<unknown> => (await fetch(url)).json();

describe('npm start with an assembly', () => {
  test('npm start hosts API, queue, table, stream, schedule and custom resource of the template together', async (t) => {
    const { url } = await start(t);
    const sent = await fetch(`${url}/consumed`, {
      method: 'POST',
      headers: { authorization: 'Bearer re_local', 'content-type': 'text/plain' },
      body: 'a message',
    });
    assert.equal(await sent.text(), 'Bearer re_bootstrap');
    await eventually(async () => assert.deepEqual(await read(`${url}/consumed`), ['a message']));
    await eventually(async () => assert.deepEqual(await read(`${url}/followed`), ['a message']));

    await fetch(`${url}/_local/clock`, { method: 'POST', body: '{"advanceSeconds":61}' });
    await eventually(async () => assert.equal(((await read(`${url}/ticks`)) as string[]).length, 1));

    const usage = (await read(`${url}/_local/usage`)) as { totalUsd: number; operations: { usd: number }[] };
    const sum = usage.operations.reduce((total, { usd }) => total + usd, 0);
    assert.ok(usage.totalUsd > 0 && Math.abs(sum - usage.totalUsd) < 1e-12);
  });

  test('npm start streams at the path of its function URL, and tells functions where the API is', async (t) => {
    const { url } = await start(t);
    const answer = await fetch(`${url}/event-log/stream`, { headers: { authorization: 'Bearer re_local' } });
    assert.equal(answer.headers.get('content-type'), 'text/event-stream');
    const pieces = readPieces(answer);
    assert.equal(await pieces.next(), `data: ${url}\n\n`);
    assert.deepEqual(await read(`${url}/consumed`), []);
    await pieces.cancel();
  });

  test('npm start shows curl -N each piece as it is written', async (t) => {
    const { url } = await start(t);
    const curl = spawn('curl', ['-sN', `${url}/event-log/stream`]);
    t.after(() => curl.kill());
    for await (const line of createInterface({ input: curl.stdout })) {
      assert.equal(line, `data: ${url}`);
      break;
    }
  });

  test('npm start lets an operator invoke a function, by its folder or through an SDK', async (t) => {
    const { url } = await start(t);
    const invoke = (body: string) => fetch(`${url}/_local/functions/tick`, { method: 'POST', body });
    assert.deepEqual(await (await invoke('{"time":"one"}')).json(), { payload: {} });

    const { endpoint, functions } = (await read(`${url}/_local/functions`)) as Listed;
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const lambda = new LambdaClient({ endpoint, region: 'us-east-1', credentials });
    t.after(() => lambda.destroy());
    const FunctionName = functions.find(({ folder }) => folder === 'tick')?.functionName;
    await lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from('{"time":"two"}') }));
    assert.deepEqual(await read(`${url}/ticks`), ['one', 'two']);
  });

  test('npm start keeps what a stream still holds through a sudden end, and says how much waits', async (t) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'postlane-data-'));
    t.after(() => rmSync(dataDir, { recursive: true, force: true }));
    const environment = { POSTLANE_DATA_DIR: dataDir, POSTLANE_STREAM_SHARDS: '3' };
    const backlog = { mapping: 'TableStreamMapping', function: 'follow', table: 'Mini-Table' };

    const first = await start(t, environment);
    const noReads = [{ service: 'dynamodb', operation: 'GetRecords', fault: 'error' }];
    await fetch(`${first.url}/_local/faults`, { method: 'POST', body: JSON.stringify(noReads) });
    await fetch(`${first.url}/consumed`, {
      ...{ method: 'POST', body: 'unread', headers: { 'content-type': 'text/plain' } },
    });
    await eventually(async () => assert.deepEqual(await read(`${first.url}/consumed`), ['unread']));
    await fetch(`${first.url}/_local/clock`, { method: 'POST', body: '{"advanceSeconds":60}' });
    const [waiting] = (await read(`${first.url}/_local/table-streams`)) as { oldestAgeSeconds: number }[];
    assert.partialDeepStrictEqual(waiting, { ...backlog, waiting: 1 });
    assert.ok((waiting?.oldestAgeSeconds ?? 0) >= 60);
    first.child.kill('SIGKILL');
    await first.ended;

    const second = await start(t, environment);
    await eventually(async () => assert.deepEqual(await read(`${second.url}/followed`), ['unread']));
    await eventually(async () =>
      assert.deepEqual(await read(`${second.url}/_local/table-streams`), [
        { ...backlog, waiting: 0, oldestAgeSeconds: 0 },
      ]),
    );
  });

  test('takes a message with the receive that waits for it, and polls long', async (t) => {
    const { url } = await start(t);
    await read(`${url}/consumed`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(await receivesEnded(url), 0, 'the first one waits still');
    await fetch(`${url}/consumed`, { method: 'POST', body: 'b', headers: { 'content-type': 'text/plain' } });
    await eventually(async () => assert.deepEqual(await read(`${url}/consumed`), ['b']));
    assert.equal(await receivesEnded(url), 1, 'and brought the message');
  });

  test('npm start gives SES the rate and quota of its settings, and takes the fairness switch', async (t) => {
    const { url } = await start(t, { POSTLANE_SES_SEND_RATE: '200', POSTLANE_SES_DAILY_QUOTA: '5000' });
    assert.deepEqual(await read(`${url}/_local/ses`), {
      ...{ maxSendRate: 200, max24HourSend: 5000, sentLast24Hours: 0, refused: {} },
    });
    const set = (body: string) => fetch(`${url}/_local/fairness`, { method: 'POST', body });
    assert.deepEqual(await (await set('{"enabled":false}')).json(), { enabled: false });
    assert.equal((await set('{"enabled":"no"}')).status, 400);
  });

  test('npm start prints where everything is', async (t) => {
    const { text, url } = await start(t, { POSTLANE_API_KEY: 're_mine' });
    await eventually(async () => assert.match(text(), /Resend SDK/));
    assert.match(text(), /API key {2}re_mine/);
    assert.match(text(), new RegExp(`Inbox {4}${url}/_local/`));
    assert.match(text(), new RegExp(`curl -s ${url}/emails`));
    assert.match(text(), new RegExp(`RESEND_BASE_URL=${url} node`));
  });

  test('npm start runs beside another', async (t) => {
    const [one, two] = await Promise.all([start(t), start(t)]);
    await fetch(`${one.url}/consumed`, {
      method: 'POST',
      body: 'x',
      headers: { 'content-type': 'text/plain' },
    });
    await eventually(async () => assert.deepEqual(await read(`${one.url}/consumed`), ['x']));
    assert.deepEqual(await read(`${two.url}/consumed`), []);
  });

  test('npm start ends with npm, whose shell passes no signal on', async (t) => {
    const script = `"${process.execPath}" "${START}"; true`;
    const { child, url } = await start(t, { npm_lifecycle_event: 'start' }, ['sh', '-c', script]);
    child.kill('SIGTERM');
    await eventually(() => assert.rejects(fetch(url)));
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    test(`ends on ${signal}, even with an invocation under way and a stream open`, async (t) => {
      const { child, url, ended } = await start(t);
      const hanging = fetch(`${url}/hang`);
      hanging.catch(() => {});
      const pieces = readPieces(await fetch(`${url}/event-log/stream`));
      await pieces.next();
      const cut = assert.rejects(pieces.next());
      await new Promise((resolve) => setTimeout(resolve, 300));
      child.kill(signal);
      assert.equal(await ended, 0);
      await cut;
      await assert.rejects(hanging, 'the invocation was not waited for');
    });
});

describe('npm start that cannot', () => {
  test('npm start says that the port is in use and what to do', async (t) => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;

    const { text, ended } = launch(t, { PORT: String(port) });
    assert.equal(await ended, 1);
    assert.match(text(), new RegExp(`Port ${port} is in use.*PORT=${port + 1} npm start`));
  });

  for (const [title, environment, expected] of [
    ['a port that is none', { PORT: '3000x' }, /PORT must be a number/],
    ['an SMTP target without a port', { POSTLANE_SMTP_TARGET: 'localhost' }, /POSTLANE_SMTP_TARGET must be/],
    ['a rate that is none', { POSTLANE_SES_SEND_RATE: '0.5' }, /POSTLANE_SES_SEND_RATE must be a whole/],
    ['a number of shards that is none', { POSTLANE_STREAM_SHARDS: '0' }, /POSTLANE_STREAM_SHARDS must be/],
    ['a quota that is none', { POSTLANE_SES_DAILY_QUOTA: '-1' }, /POSTLANE_SES_DAILY_QUOTA must be a whole/],
    ['a folder that is no assembly', { POSTLANE_ASSEMBLY: '/nowhere' }, /\/nowhere.*cdk synth/],
  ] as const)
    test(`npm start names ${title}`, async (t) => {
      const { text, ended } = launch(t, environment);
      assert.equal(await ended, 1);
      assert.match(text(), expected);
    });

  test('npm start names a resource type that it does not host', async (t) => {
    const more = { Surprise: { Type: 'AWS::Kinesis::Stream', Properties: {} } };
    const { text, ended } = launch(t, {}, more);
    assert.equal(await ended, 1);
    assert.match(text(), /AWS::Kinesis::Stream \(resource Surprise\)/);
  });
});
