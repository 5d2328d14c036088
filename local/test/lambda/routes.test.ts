import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { InvocationResult } from '../../src/lambda/invocation.ts';
import { functionRoutes } from '../../src/lambda/routes.ts';
import { aFrontFunction, aFrontWorld } from '../support/front-world.ts';
import { aHostedAssembly, okResult, rememberingLambda } from '../support/hosted-world.ts';

async function start(t: TestContext, answer: (event: unknown) => InvocationResult = okResult) {
  const lambda = rememberingLambda(answer);
  const rebuild = { ...aFrontFunction('Rebuild'), functionName: 'rebuild-log', physicalId: 'stack-Rebuild' };
  const routes = functionRoutes({
    ...{ assembly: aHostedAssembly([rebuild]), lambda },
    endpoint: 'http://127.0.0.1:9',
  });
  const { front } = await aFrontWorld({ localRoutes: routes });
  t.after(front.close);
  const invoke = (name: string, body?: string) =>
    fetch(`${front.url}/_local/functions/${name}`, { method: 'POST', ...(body !== undefined && { body }) });
  return { lambda, invoke, url: front.url };
}

const failed = (result: Record<string, unknown>) => ({ durationMs: 1500, ...result }) as InvocationResult;

describe('an operator', () => {
  test('an operator invokes a function by its folder with an event of theirs', async (t) => {
    const { invoke, lambda } = await start(t);
    const answer = await invoke('rebuild-log', '{"from":"2026-11-01"}');
    assert.equal(answer.status, 200);
    assert.deepEqual(await answer.json(), { payload: { from: '2026-11-01' } });
    assert.equal(lambda.invocations[0]?.functionLogicalId, 'Rebuild');
  });

  test('an operator may leave the event out', async (t) => {
    const { invoke, lambda } = await start(t);
    assert.equal((await invoke('rebuild-log')).status, 200);
    assert.deepEqual(lambda.invocations[0]?.event, {});
  });

  for (const [title, result, expected] of [
    [
      'an error',
      failed({ kind: 'error', errorType: 'RangeError', message: 'too far' }),
      { errorType: 'RangeError', errorMessage: 'too far' },
    ],
    [
      'a time-out',
      failed({ kind: 'timeout' }),
      { errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out after 1.50 seconds' },
    ],
    [
      'a crash',
      failed({ kind: 'crashed' }),
      { errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited without providing a reason' },
    ],
  ] as const)
    test(`an operator is told of ${title}`, async (t) => {
      const { invoke } = await start(t, () => result);
      const answer = await invoke('rebuild-log', '{}');
      assert.equal(answer.status, 502);
      assert.deepEqual(await answer.json(), expected);
    });

  test('an operator is told which function there is not', async (t) => {
    const { invoke } = await start(t);
    const answer = await invoke('Rebuild', '{}');
    assert.equal(answer.status, 404);
    assert.deepEqual(await answer.json(), { message: 'There is no function Rebuild; there are rebuild-log' });
  });

  test('an operator is told that an event must be JSON', async (t) => {
    const { invoke, lambda } = await start(t);
    assert.equal((await invoke('rebuild-log', '{')).status, 400);
    assert.deepEqual(lambda.invocations, []);
  });

  test('an operator sees the functions, and where an SDK invokes them', async (t) => {
    const { url } = await start(t);
    assert.deepEqual(await (await fetch(`${url}/_local/functions`)).json(), {
      endpoint: 'http://127.0.0.1:9',
      functions: [{ folder: 'rebuild-log', functionName: 'stack-Rebuild' }],
    });
  });
});
