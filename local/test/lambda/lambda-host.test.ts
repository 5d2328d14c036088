import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { eventually } from '../../../test/support/base/eventually.ts';
import type { HostedResource } from '../../src/assembly/assembly.ts';
import type { LambdaHostOptions } from '../../src/lambda/lambda-host.ts';
import { aFunction, aLambdaHost, scriptedFaults } from '../support/hosted-world.ts';

function start(t: TestContext, fn: HostedResource, overrides: Partial<LambdaHostOptions> = {}) {
  const world = aLambdaHost([fn], overrides);
  t.after(() => world.host.close());
  return { ...world, invoke: (event: unknown = {}) => world.host.invoke(fn.logicalId, event) };
}

const payloadOf = (result: unknown) => (result as { payload: Record<string, unknown> }).payload;

describe('the Lambda host', () => {
  test('answers with what the handler returns', async (t) => {
    const { invoke } = start(t, aFunction('Echo', 'exports.handler = async (event) => ({ got: event.n })'));
    const result = await invoke({ n: 7 });
    assert.deepEqual(payloadOf(result), { got: 7 });
    assert.equal(result.kind, 'ok');
  });

  test("gives a worker the template's variables and the runtime's, and nothing of this process", async (t) => {
    process.env.POSTLANE_LEAK = 'yes';
    t.after(() => delete process.env.POSTLANE_LEAK);
    const fn = aFunction('Env', 'exports.handler = async () => process.env', {
      Environment: { Variables: { MESSAGES_TABLE_NAME: 'messages' } },
      LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'WARN' },
    });
    const environment = payloadOf(
      await start(t, fn, { environment: { LOCAL_WEBHOOKS: 'allowed' } }).invoke(),
    );

    assert.equal(environment.POSTLANE_LEAK, undefined);
    assert.equal(environment.MESSAGES_TABLE_NAME, 'messages');
    assert.equal(environment.AWS_REGION, 'us-east-1');
    assert.equal(environment.AWS_ACCESS_KEY_ID, 'Env');
    assert.equal(environment.AWS_ENDPOINT_URL, 'http://127.0.0.1:1');
    assert.equal(environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE, '256');
    assert.equal(environment.AWS_LAMBDA_LOG_LEVEL, 'WARN');
    assert.equal(environment._HANDLER, 'index.handler');
    assert.equal(environment.LOCAL_WEBHOOKS, 'allowed');
  });

  test('gives the handler the context of the Node runtime', async (t) => {
    const code = `exports.handler = async (_, c) => ({ ...c, left: c.getRemainingTimeInMillis() })`;
    const context = payloadOf(await start(t, aFunction('Context', code)).invoke());
    assert.equal(context.functionName, 'Context');
    assert.equal(context.memoryLimitInMB, '256');
    assert.equal(context.invokedFunctionArn, 'arn:aws:lambda:us-east-1:000000000000:function:Context');
    assert.ok(Number(context.left) > 4000 && Number(context.left) <= 5000);
    assert.match(String(context.awsRequestId), /^[0-9a-f-]{36}$/);
  });

  test('moves the dates of a running worker with the clock', async (t) => {
    const world = start(t, aFunction('Now', 'exports.handler = async () => [Date.now(), +new Date()]'));
    await world.invoke();
    world.clock.advance(86_400);
    const times = payloadOf(await world.invoke()) as unknown as number[];
    for (const time of times) assert.ok(Math.abs(time - world.clock.now()) < 5000);
  });

  test('keeps module state warm and one invocation at a time in a worker', async (t) => {
    const code = `
      let calls = 0, running = 0;
      exports.handler = async () => {
        running += 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
        running -= 1;
        return { calls: ++calls, running };
      }`;
    const { invoke } = start(t, aFunction('Warm', code), { workersPerFunction: 1 });
    const results = await Promise.all([invoke(), invoke(), invoke()]);
    assert.deepEqual(results.map(payloadOf), [
      { calls: 1, running: 0 },
      { calls: 2, running: 0 },
      { calls: 3, running: 0 },
    ]);
  });

  test('starts no more workers than it may', async (t) => {
    const code = `
      const { threadId } = require('node:worker_threads');
      exports.handler = async () => { await new Promise((r) => setTimeout(r, 50)); return { threadId } }`;
    const { invoke } = start(t, aFunction('Many', code), { workersPerFunction: 2 });
    const results = await Promise.all(Array.from({ length: 8 }, () => invoke()));
    assert.equal(new Set(results.map((result) => payloadOf(result).threadId)).size, 2);
  });

  test('starts another worker where those at work only wait', async (t) => {
    const code = `exports.handler = async (e) => { await new Promise((r) => setTimeout(r, e.ms)); return e.ms }`;
    const { invoke } = start(t, aFunction('Wait', code), { workersPerFunction: 1 });
    const finished: unknown[] = [];
    const note = async (ms: number) => finished.push(payloadOf(await invoke({ ms })));
    await Promise.all([note(3000), note(1)]);
    assert.deepEqual(finished, [1, 3000]);
  });

  test('reports the type and message of an error that the handler throws', async (t) => {
    const { invoke, shown } = start(
      t,
      aFunction('Throws', `exports.handler = async () => { throw new RangeError('too far') }`),
    );
    const { durationMs: _, ...result } = await invoke();
    assert.deepEqual(result, { kind: 'error', errorType: 'RangeError', message: 'too far' });
    await eventually(() => assert.ok(shown.some((line) => line.startsWith('[Throws]'))));
  });

  test('ends a worker that passes its time-out and starts another', async (t) => {
    const code = 'exports.handler = async (e) => { while (e.hang); return "alive" }';
    const { invoke } = start(t, aFunction('Hang', code, { Timeout: 1 }), { workersPerFunction: 1 });
    assert.equal((await invoke({ hang: true })).kind, 'timeout');
    assert.equal(payloadOf(await invoke()), 'alive');
  });

  test('reports a crash when the process of a function ends, and serves the next call', async (t) => {
    const code = 'exports.handler = async (e) => e.die ? process.exit(1) : "alive"';
    const { invoke } = start(t, aFunction('Exit', code), { workersPerFunction: 1 });
    const results = await Promise.all([invoke({ die: true }), invoke()]);
    assert.deepEqual(
      results.map(({ kind }) => kind),
      ['crashed', 'ok'],
    );
  });

  test('reports an import error when the handler is not there', async (t) => {
    const { invoke } = start(t, aFunction('Lost', '', { Handler: 'app.handler' }));
    const result = await invoke();
    assert.equal(result.kind === 'error' && result.errorType, 'Runtime.ImportModuleError');
  });

  test('refuses an event that Lambda refuses', async (t) => {
    const { invoke } = start(t, aFunction('Big', 'exports.handler = async () => 1'));
    const result = await invoke({ body: 'x'.repeat(6_291_556) });
    assert.equal(result.kind === 'error' && result.errorType, 'RequestEntityTooLargeException');
  });

  test('reports an answer that Lambda does not carry', async (t) => {
    const code = `exports.handler = async () => 'x'.repeat(6291556)`;
    const result = await start(t, aFunction('Long', code)).invoke();
    assert.equal(result.kind === 'error' && result.errorType, 'Function.ResponseSizeTooLarge');
  });
});

describe('what an invocation costs', () => {
  const slowInit = 'const end = Date.now() + 100; while (Date.now() < end);';

  test('an invocation costs one request and the milliseconds begun times the configured memory', async (t) => {
    const { invoke, meter } = start(t, aFunction('Paid', `${slowInit} exports.handler = async () => 1`));
    await invoke();
    await invoke();
    const rows = meter.usage.filter(({ service }) => service === 'lambda');
    assert.deepEqual(
      rows.map(({ functionName, operation, requests, unit }) => [functionName, operation, requests, unit]),
      [
        ['Paid', 'Invoke', 1, 'GB-s'],
        ['Paid', 'Invoke', 1, 'GB-s'],
      ],
    );
    for (const { units } of rows) {
      const milliseconds = units * 1000 * (1024 / 256);
      assert.ok(Math.abs(milliseconds - Math.round(milliseconds)) < 1e-6);
    }
    assert.ok(Number(rows[0]?.units) > Number(rows[1]?.units), 'the first call pays for its init');
  });

  test('counts platform lines unless the template turns them off', async (t) => {
    const quiet = { LoggingConfig: { LogFormat: 'JSON', SystemLogLevel: 'WARN' } };
    const noisyWorld = start(t, aFunction('Noisy', 'exports.handler = async () => 1'));
    const quietWorld = start(t, aFunction('Quiet', 'exports.handler = async () => 1', quiet));
    await Promise.all([noisyWorld.invoke(), quietWorld.invoke()]);
    const logs = (world: typeof noisyWorld) => world.meter.usage.filter(({ service }) => service === 'logs');
    assert.equal(logs(noisyWorld).length, 1);
    assert.equal(logs(quietWorld).length, 0);
  });

  test('counts the bytes of a logged line, but not of lines below the log level', async (t) => {
    const code = `exports.handler = async () => { console.info('quiet'); console.warn('loud') }`;
    const fn = aFunction('Logs', code, {
      LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'WARN', SystemLogLevel: 'WARN' },
    });
    const { invoke, meter, shown } = start(t, fn);
    await invoke();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(meter.usage.filter(({ service }) => service === 'logs').length, 1);
    assert.equal(shown.length, 1);
    assert.match(shown[0] ?? '', /^\[Logs\] \{.*"level":"WARN".*"message":"loud"/);
  });
});

describe('faults of Lambda', () => {
  const counting = `
    const { appendFileSync } = require('node:fs');
    exports.handler = async (event) => { appendFileSync(event.file, 'x'); return 'ran' }`;
  const file = (name: string) => `${process.env.TMPDIR ?? '/tmp'}/postlane-ran-${process.pid}-${name}`;

  for (const [fault, kind, hasRun] of [
    [{ kind: 'throttle' }, 'error', false],
    [{ kind: 'error' }, 'error', false],
    [{ kind: 'crash', when: 'before' }, 'crashed', false],
    [{ kind: 'crash', when: 'after' }, 'crashed', true],
    [{ kind: 'reply-lost' }, 'error', true],
    [{ kind: 'latency', ms: 10 }, 'ok', true],
  ] as const) {
    const title = 'when' in fault ? `${fault.kind} ${fault.when}` : fault.kind;
    test(`a fault gives ${kind} and has ${hasRun ? '' : 'not '}run the function for ${title}`, async (t) => {
      const { existsSync, rmSync } = await import('node:fs');
      const ran = file(title);
      t.after(() => rmSync(ran, { force: true }));
      const { invoke } = start(t, aFunction('Fault', counting), { faults: scriptedFaults(fault) });
      const result = await invoke({ file: ran });
      assert.equal(result.kind, kind);
      assert.equal(existsSync(ran), hasRun);
      assert.equal((await invoke({ file: ran })).kind, 'ok');
    });
  }
});
