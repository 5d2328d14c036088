import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../../test/support/base/eventually.ts';
import type { HostedResource } from '../../src/assembly/assembly.ts';
import {
  aFunctionUrlWorld,
  type FunctionUrlWorldOptions,
  readPieces,
  TAIL_PATH,
  URL_PERMISSIONS,
} from '../support/function-url-world.ts';
import { aHostedResource, functionArn } from '../support/hosted-world.ts';

async function start(t: TestContext, code: string, options: FunctionUrlWorldOptions = {}) {
  const world = await aFunctionUrlWorld(code, options);
  t.after(world.close);
  return world;
}

const PAUSE = 'const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));';

/** Writes `n` pieces, `ms` apart, or each as soon as the folder `flags` has a file of its number. */
const TICKS = `${PAUSE}
exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
  const { n = 3, ms = 100, flags } = event.queryStringParameters ?? {};
  const out = awslambda.HttpResponseStream.from(stream, {
    statusCode: 201, headers: { 'Content-Type': 'text/event-stream', 'X-Request': context.awsRequestId }, cookies: ['a=1', 'b=2'],
  });
  for (let at = 0; at < Number(n); at += 1) {
    if (at > 0 && flags === undefined) await pause(Number(ms));
    while (at > 0 && flags !== undefined && !require('node:fs').existsSync(flags + '/' + at)) await pause(5);
    out.write('tick ' + at + '\\n');
  }
  out.end();
});`;

const ECHO =
  'exports.handler = async (event) => ({ statusCode: 202, headers: { "x-a": "b" }, body: JSON.stringify(event) })';

describe('a function URL that streams', () => {
  test('a function URL shows each piece as it is written, after status, headers and cookies', async (t) => {
    const flags = mkdtempSync(join(tmpdir(), 'postlane-ticks-'));
    t.after(() => rmSync(flags, { recursive: true, force: true }));
    const world = await start(t, TICKS);
    const answer = await world.fetch(`${TAIL_PATH}?n=3&flags=${encodeURIComponent(flags)}`);
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get('content-type'), 'text/event-stream');
    assert.match(answer.headers.get('x-request') ?? '', /^[0-9a-f-]{36}$/);
    assert.deepEqual(answer.headers.getSetCookie(), ['a=1', 'b=2']);

    const pieces = readPieces(answer);
    assert.equal(await pieces.next(), 'tick 0\n');
    for (const tick of [1, 2]) {
      // Only now may it be written.
      writeFileSync(join(flags, String(tick)), '');
      assert.equal(await pieces.next(), `tick ${tick}\n`);
    }
    assert.equal(await pieces.next(), undefined);
  });

  test('a function URL shows status and headers before the first piece', async (t) => {
    const world = await start(
      t,
      `${PAUSE}
      exports.handler = awslambda.streamifyResponse(async (event, stream) => {
        const out = awslambda.HttpResponseStream.from(stream, { statusCode: 200 });
        out.write('');
        await pause(60000);
      });`,
      { properties: { Timeout: 60 } },
    );
    const answer = await world.fetch();
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'application/octet-stream');
    await answer.body?.cancel();
  });

  test('a stream without a status is a 200 of the content type that was set', async (t) => {
    const code = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
      stream.setContentType('text/plain');
      stream.end('all at once');
    });`;
    const answer = await (await start(t, code)).fetch();
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'text/plain');
    assert.equal(await answer.text(), 'all at once');
  });

  test('carries many pieces in their order, larger than any buffer on the way', async (t) => {
    const code = `const { Readable } = require('node:stream');
    const { pipeline } = require('node:stream/promises');
    exports.handler = awslambda.streamifyResponse(async (event, stream) => {
      await pipeline(Readable.from(Array.from({ length: 200 }, (_, at) => Buffer.alloc(20000, at))), stream);
    });`;
    const body = Buffer.from(await (await (await start(t, code)).fetch()).arrayBuffer());
    assert.equal(body.length, 200 * 20_000);
    for (let at = 0; at < 200; at += 1)
      assert.ok(body.subarray(at * 20_000, (at + 1) * 20_000).equals(Buffer.alloc(20_000, at)), String(at));
  });

  test('a stream waits with writing while its reader does not read', async (t) => {
    const code = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
      for (let at = 0; at < 400; at += 1) {
        console.warn('wrote ' + at);
        if (!stream.write(Buffer.alloc(65536))) await new Promise((resolve) => stream.once('drain', resolve));
      }
      stream.end();
    });`;
    const world = await start(t, code, { properties: { Timeout: 20 } });
    const socket = connect(Number(new URL(world.front.url).port), '127.0.0.1');
    t.after(() => socket.destroy());
    socket.pause();
    socket.write(`GET ${TAIL_PATH} HTTP/1.1\r\nhost: a\r\n\r\n`);
    await eventually(async () => assert.ok(world.shown.length > 5));
    await pause(500);
    const written = world.shown.length;
    await pause(500);
    assert.equal(world.shown.length, written);
    assert.ok(written < 390, String(written));
    socket.resume();
    await eventually(async () => assert.equal(world.shown.length, 400));
  });

  test('a function URL serves twenty at once, and refuses one more as Lambda does beyond a concurrency', async (t) => {
    const world = await start(t, TICKS, { properties: { Timeout: 60 } });
    const readers = await Promise.all(
      Array.from({ length: 20 }, async () => readPieces(await world.fetch(`${TAIL_PATH}?n=2&ms=60000`))),
    );
    for (const reader of readers) assert.equal(await reader.next(), 'tick 0\n');
    const refused = await world.fetch();
    assert.equal(refused.status, 429);
    assert.match(await refused.text(), /Rate Exceeded/);
    for (const reader of readers) await reader.cancel();
  });

  test("a function URL refuses beyond the function's reserved concurrency", async (t) => {
    const world = await start(t, TICKS, { properties: { ReservedConcurrentExecutions: 1 } });
    const first = readPieces(await world.fetch(`${TAIL_PATH}?n=2&ms=500`));
    assert.equal(await first.next(), 'tick 0\n');
    assert.equal((await world.fetch()).status, 429);
    assert.equal(await first.next(), 'tick 1\n');
    assert.equal(await first.next(), undefined);
    await eventually(async () => assert.equal((await world.fetch()).status, 201));
  });

  test('a stream is billed as any invocation, for as long as it streams', async (t) => {
    const world = await start(t, TICKS);
    await (await world.fetch(`${TAIL_PATH}?n=2&ms=300`)).text();
    await eventually(async () => assert.equal(world.meter.usage.length > 0, true));
    const [row, ...others] = world.meter.usage.filter(({ service }) => service !== 'logs');
    assert.deepEqual(others, []);
    assert.deepEqual([row?.service, row?.functionName, row?.requests], ['lambda', 'tail-events', 1]);
    assert.ok(Number(row?.units) >= 0.3 * (256 / 1024), String(row?.units));
  });
});

describe('a stream that ends early', () => {
  const LOGGED = `${PAUSE}
  exports.handler = awslambda.streamifyResponse(async (event, stream) => {
    for (let at = 0; at < 5; at += 1) {
      stream.write('piece ' + at);
      await pause(100);
    }
    console.warn('ran to its end');
    stream.end();
  });`;

  test('a stream is cut off at the time-out of its function', async (t) => {
    const world = await start(t, TICKS, { properties: { Timeout: 1 } });
    const answer = await world.fetch(`${TAIL_PATH}?n=2&ms=60000`);
    await assert.rejects(answer.text());
    assert.ok(world.shown.some((line) => /Task timed out after 1\.00 seconds/.test(line)));
    assert.equal((await world.fetch(`${TAIL_PATH}?n=1`)).status, 201);
  });

  test('a stream is cut off where its handler throws', async (t) => {
    const code = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
      stream.write('begun');
      throw new Error('midway');
    });`;
    const world = await start(t, code);
    const answer = await world.fetch();
    assert.equal(answer.status, 200);
    await assert.rejects(answer.text());
    await eventually(async () => assert.ok(world.shown.some((line) => /midway/.test(line))));
  });

  test('a stream is cut off at the time-out where its handler forgets to end it', async (t) => {
    const code = `exports.handler = awslambda.streamifyResponse(async (event, stream) => void stream.write('begun'));`;
    const world = await start(t, code, { properties: { Timeout: 1 } });
    await assert.rejects((await world.fetch()).text());
  });

  test('a reader that left is not told to the function, and the worker is free afterwards', async (t) => {
    const world = await start(t, LOGGED, { properties: { ReservedConcurrentExecutions: 1 } });
    const reader = readPieces(await world.fetch());
    assert.equal(await reader.next(), 'piece 0');
    await reader.cancel();
    await eventually(async () => assert.ok(world.shown.some((line) => /ran to its end/.test(line))));
    await eventually(async () => {
      const answer = await world.fetch();
      assert.equal(answer.status, 200);
      assert.match(await answer.text(), /piece 4$/);
    });
  });

  test('a reader that left before the first piece is not told to the function', async (t) => {
    const world = await start(
      t,
      `${PAUSE}
    exports.handler = awslambda.streamifyResponse(async (event, stream) => {
      await pause(300);
      for (let at = 0; at < 100; at += 1)
        if (!stream.write(Buffer.alloc(65536))) await new Promise((resolve) => stream.once('drain', resolve));
      stream.end();
      console.warn('ran to its end');
    });`,
    );
    await assert.rejects(world.fetch(TAIL_PATH, { signal: AbortSignal.timeout(100) }));
    await eventually(async () => assert.ok(world.shown.some((line) => /ran to its end/.test(line))));
  });

  test('a stream ends at once when the front is closed', async (t) => {
    const world = await start(t, TICKS, { properties: { Timeout: 60 } });
    const answer = await world.fetch(`${TAIL_PATH}?n=2&ms=60000`);
    const reader = readPieces(answer);
    assert.equal(await reader.next(), 'tick 0\n');
    await Promise.all([assert.rejects(reader.next()), world.close()]);
    assert.ok(!world.shown.some((line) => /timed out/.test(line)), 'nothing waited for its time-out');
  });
});

describe('a stream that does not begin', () => {
  for (const [title, code] of [
    [
      'throws',
      `exports.handler = awslambda.streamifyResponse(async (event, stream) => { throw new Error('x') })`,
    ],
    ['is not async', 'exports.handler = awslambda.streamifyResponse(() => {})'],
    [
      'ends without the write that carries its status',
      `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
        awslambda.HttpResponseStream.from(stream, { statusCode: 204 }).end();
      })`,
    ],
    [
      'has a status that is none',
      `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
        const out = awslambda.HttpResponseStream.from(stream, { statusCode: 'odd' });
        out.write('x');
        out.end();
      })`,
    ],
  ] as const)
    test(`a stream is a 502 where its handler ${title}`, async (t) => {
      const answer = await (await start(t, code)).fetch();
      assert.equal(answer.status, 502);
      assert.equal(await answer.text(), 'Internal Server Error');
    });

  test('a stream with a header that cannot be one is a 502, and the function runs to its end', async (t) => {
    const world = await start(
      t,
      `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
        const out = awslambda.HttpResponseStream.from(stream, { statusCode: 200, headers: { 'x-a': 'a\\nb' } });
        for (let at = 0; at < 100; at += 1)
          if (!out.write(Buffer.alloc(65536))) await new Promise((resolve) => out.once('drain', resolve));
        out.end();
        console.warn('ran to its end');
      });`,
    );
    assert.equal((await world.fetch()).status, 502);
    await eventually(async () => assert.ok(world.shown.some((line) => /ran to its end/.test(line))));
  });

  test('a handler that does not stream gives its bare answer', async (t) => {
    const answer = await (await start(t, ECHO)).fetch();
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('x-a'), null);
    const { statusCode, headers } = (await answer.json()) as Record<string, unknown>;
    assert.deepEqual([statusCode, headers], [202, { 'x-a': 'b' }]);
  });
});

describe('a function URL', () => {
  const BUFFERED = { url: { InvokeMode: 'BUFFERED' } };

  test('a function URL gives its function the event of payload format 2.0', async (t) => {
    const world = await start(t, ECHO, BUFFERED);
    const answer = await world.fetch(`${TAIL_PATH}?after=7`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: 'a=1' },
      body: '{}',
    });
    assert.equal(answer.status, 202);
    const { requestContext, headers, ...event } = (await answer.json()) as Record<
      string,
      Record<string, unknown>
    >;
    assert.deepEqual(event, {
      ...{ version: '2.0', routeKey: '$default', rawPath: TAIL_PATH, rawQueryString: 'after=7' },
      ...{ cookies: ['a=1'], queryStringParameters: { after: '7' }, body: '{}', isBase64Encoded: false },
    });
    assert.equal(requestContext?.accountId, 'anonymous');
    assert.equal(requestContext?.stage, '$default');
    assert.match(String(requestContext?.domainName), /^[0-9a-f]{32}\.lambda-url\.us-east-1\.on\.aws$/);
    assert.equal(requestContext?.domainPrefix, String(requestContext?.domainName).split('.')[0]);
    assert.partialDeepStrictEqual(requestContext, { http: { method: 'POST', path: TAIL_PATH } });
    assert.equal(headers?.['content-type'], 'application/json');
  });

  test('a buffered function URL answers at once, what is streamed included', async (t) => {
    const world = await start(t, TICKS, BUFFERED);
    const answer = await world.fetch(`${TAIL_PATH}?n=2&ms=10`);
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /^\{"statusCode":201.*\}\0{8}tick 0\ntick 1\n$/s);
  });

  test('a buffered function that fails is a 502 in the words of Lambda', async (t) => {
    const world = await start(t, 'exports.handler = async () => { throw new Error("x") }', BUFFERED);
    const answer = await world.fetch();
    assert.equal(answer.status, 502);
    assert.equal(await answer.text(), 'Internal Server Error');
  });

  for (const path of [`${TAIL_PATH}/`, '//event-log//stream', '/event-log%2Fstream', `${TAIL_PATH}?a=b`])
    test(`a function URL answers at ${path}`, async (t) => {
      const world = await start(t, TICKS);
      for (const method of ['GET', 'DELETE']) assert.equal((await world.fetch(path, { method })).status, 201);
    });

  for (const path of ['/', '/event-log', '/event-log/stream/more', '/event-log/streams'])
    test(`a function URL leaves ${path} to the API`, async (t) => {
      const world = await start(t, TICKS);
      assert.equal(await (await world.fetch(path)).text(), 'api');
    });

  const [invokeUrl, invoke] = URL_PERMISSIONS as readonly [HostedResource, HostedResource];
  const changed = (resource: HostedResource, properties: Record<string, unknown>) =>
    aHostedResource('AWS::Lambda::Permission', 'Other', { ...resource.properties, ...properties });
  for (const [title, permissions] of [
    ['no permission', []],
    ['the permission of before October 2025 alone', [invokeUrl]],
    ['only the permission to invoke', [invoke]],
    [
      'a permission for callers with credentials',
      [changed(invokeUrl, { FunctionUrlAuthType: 'AWS_IAM' }), invoke],
    ],
    ['a permission for one account', [invokeUrl, changed(invoke, { Principal: '000000000000' })]],
    ['a permission with a condition', [invokeUrl, changed(invoke, { PrincipalOrgID: 'o-1' })]],
    [
      'a permission for another function',
      [invokeUrl, changed(invoke, { FunctionName: functionArn('Control') })],
    ],
  ] as const)
    test(`a function URL answers 403 with ${title}`, async (t) => {
      const world = await start(t, TICKS, { permissions });
      const answer = await world.fetch();
      assert.equal(answer.status, 403);
      assert.equal(answer.headers.get('x-amzn-errortype'), 'AccessDeniedException');
      assert.match(((await answer.json()) as { Message: string }).Message, /^Forbidden\./);
      assert.match(world.warnings[0] ?? '', /AWS::Lambda::Permission.*Tail/);
    });

  for (const [title, options, expected] of [
    ['IAM', { url: { AuthType: 'AWS_IAM' } }, /AuthType AWS_IAM of Url/],
    ['CORS', { url: { Cors: {} } }, /Cors of Url/],
    ['an alias', { url: { Qualifier: 'live' } }, /Qualifier of Url/],
    ['a function that is not there', { url: { TargetFunctionArn: 'x' } }, /Url names no function/],
    ['a function without a path', { folder: 'other' }, /no path for the function URL of Tail/],
  ] as const)
    test(`a function URL with ${title} stops the start by name`, async () => {
      await assert.rejects(aFunctionUrlWorld(TICKS, options), expected);
    });
});
