import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { build } from 'esbuild';
import { eventually } from '../../../../test/support/base/eventually.ts';
import type { ResponseSink, StreamHead } from '../../../src/lambda/invocation.ts';
import { aFunction, aLambdaHost } from '../../support/hosted-world.ts';

const ROOT = `${import.meta.dirname}/../../../..`;

function start(t: TestContext, code: string, properties: Record<string, unknown> = {}) {
  const world = aLambdaHost([aFunction('Stream', code, properties)]);
  t.after(() => world.host.close());
  return {
    ...world,
    invoke: (event: unknown = {}, sink?: ResponseSink) => world.host.invoke('Stream', event, sink),
  };
}

/** A sink that remembers, and takes as long as `write` does. */
function rememberingSink(write: (text: string) => Promise<void> = async () => {}) {
  const heads: StreamHead[] = [];
  const pieces: string[] = [];
  const sink: ResponseSink = {
    begin: (head) => void heads.push(head),
    write: async (chunk) => {
      pieces.push(Buffer.from(chunk).toString('utf8'));
      await write(pieces.at(-1) ?? '');
    },
  };
  return { heads, pieces, sink };
}

const bundle = async (code: string): Promise<string> => {
  const stdin = { contents: code, resolveDir: ROOT };
  const built = await build({ stdin, bundle: true, platform: 'node', format: 'cjs', write: false });
  return built.outputFiles[0]?.text ?? '';
};

describe('awslambda', () => {
  test('gives a streaming handler event, stream and context, and no payload', async (t) => {
    const { invoke } = start(
      t,
      `exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
        stream.write(event.text);
        stream.write(Buffer.from(' of '));
        stream.write({ function: context.functionName });
        stream.end();
      });`,
    );
    const { heads, pieces, sink } = rememberingSink();
    const result = await invoke({ text: 'words' }, sink);
    assert.partialDeepStrictEqual(result, { kind: 'ok', payload: null });
    assert.deepEqual(heads, [{ contentType: 'application/octet-stream' }]);
    assert.deepEqual(pieces, ['words', ' of ', '{"function":"Stream"}']);
  });

  test('sends one piece at a time, each after the last was taken', async (t) => {
    const { invoke } = start(
      t,
      `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
        for (const piece of ['a', 'b', 'c']) stream.write(piece);
        stream.end();
      });`,
    );
    let underWay = 0;
    const { pieces, sink } = rememberingSink(async () => {
      underWay += 1;
      assert.equal(underWay, 1);
      await new Promise((resolve) => setTimeout(resolve, 50));
      underWay -= 1;
    });
    await invoke({}, sink);
    assert.deepEqual(pieces, ['a', 'b', 'c']);
  });

  test('asks a handler to wait where more is written than its highWaterMark', async (t) => {
    const { invoke, shown } = start(
      t,
      `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
        console.warn(stream.write('ab') + ' ' + stream.write('c'));
        stream.end();
      }, { highWaterMark: 3 });`,
    );
    await invoke();
    await eventually(() => assert.match(shown.join(), /true false/));
  });

  test('gives up the end of an invocation only when its stream has ended', async (t) => {
    const { invoke } = start(
      t,
      `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
        setTimeout(() => stream.end('late'), 200);
      });`,
    );
    const { pieces, sink } = rememberingSink();
    const result = await invoke({}, sink);
    assert.deepEqual(pieces, ['late']);
    assert.ok(result.durationMs >= 199, String(result.durationMs));
  });

  test('knows neither a content type nor a status once the first piece is written', async (t) => {
    const { invoke } = start(
      t,
      `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
        stream.write('x');
        stream.setContentType('text/plain');
      });`,
    );
    assert.partialDeepStrictEqual(await invoke({}, rememberingSink().sink), {
      kind: 'error',
      message: 'Cannot set content-type, too late.',
    });
  });

  test('survives a write of a handler after its end', async (t) => {
    const { invoke } = start(
      t,
      `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
        stream.end('x');
        setTimeout(() => stream.write('y'), 50);
      });`,
    );
    const { pieces, sink } = rememberingSink();
    assert.equal((await invoke({}, sink)).kind, 'ok');
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal((await invoke({}, sink)).kind, 'ok');
    assert.deepEqual(pieces, ['x', 'x']);
  });

  test('a handler with three parameters is an error, as in Lambda', async (t) => {
    const { invoke } = start(t, 'exports.handler = async (event, context, callback) => 1');
    assert.partialDeepStrictEqual(await invoke(), { errorType: 'Runtime.CallbackHandlerDeprecated' });
  });
});

describe('a streaming handler without a reader', () => {
  for (const [title, body, payload] of [
    ['text', `stream.end('plain text')`, 'plain text'],
    ['JSON', `stream.end('{"a":1}')`, { a: 1 }],
    ['nothing', 'stream.end()', ''],
    [
      'status and headers',
      `const out = awslambda.HttpResponseStream.from(stream, { statusCode: 404 }); out.write(''); out.end('gone')`,
      '{"statusCode":404}\0\0\0\0\0\0\0\0gone',
    ],
  ] as const)
    test(`a streaming handler without a reader answers with ${title} as its payload`, async (t) => {
      const code = `exports.handler = awslambda.streamifyResponse(async (event, stream) => { ${body} })`;
      assert.partialDeepStrictEqual(await start(t, code).invoke(), { kind: 'ok', payload });
    });

  test('a streaming handler without a reader may answer no more than Lambda carries', async (t) => {
    const code = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
      stream.end(Buffer.alloc(6291557, 'x'));
    })`;
    const result = await start(t, code).invoke();
    assert.partialDeepStrictEqual(result, { errorType: 'Function.ResponseSizeTooLarge' });
  });
});

describe('middy, streaming', () => {
  const HANDLER = `
    import middy from '@middy/core';
    import { executionModeStreamifyResponse } from '@middy/core/StreamifyResponse';
    import { Readable } from 'node:stream';
    export const handler = middy({ executionMode: executionModeStreamifyResponse })
      .use({ onError: (request) => { request.response = { statusCode: 500, body: request.error.message } } })
      .handler(async (event) => {
        if (event.fail) throw new Error('no stream');
        const body = event.text ?? Readable.from(['one ', 'two ', 'three']);
        return { statusCode: 200, headers: { 'content-type': 'text/event-stream' }, body };
      });`;
  const preludeOf = ({ heads }: { heads: StreamHead[] }) => JSON.parse(heads[0]?.prelude ?? '');

  test('middy pipes a readable into the stream, after status and headers', async (t) => {
    const { invoke } = start(t, await bundle(HANDLER));
    const remembered = rememberingSink();
    assert.equal((await invoke({}, remembered.sink)).kind, 'ok');
    assert.deepEqual(preludeOf(remembered), {
      statusCode: 200,
      headers: { 'content-type': 'text/event-stream' },
    });
    assert.equal(remembered.pieces.join(''), 'one two three');
  });

  for (const [title, text] of [
    ['an empty body', ''],
    ['a body of many pieces', 'x'.repeat(100_000)],
  ] as const)
    test(`middy streams ${title}`, async (t) => {
      const { invoke } = start(t, await bundle(HANDLER));
      const remembered = rememberingSink();
      assert.equal((await invoke({ text }, remembered.sink)).kind, 'ok');
      assert.equal(preludeOf(remembered).statusCode, 200);
      assert.equal(remembered.pieces.join(''), text);
    });

  test('middy answers what its middleware makes of an error', async (t) => {
    const { invoke } = start(t, await bundle(HANDLER));
    const remembered = rememberingSink();
    assert.equal((await invoke({ fail: true }, remembered.sink)).kind, 'ok');
    assert.equal(preludeOf(remembered).statusCode, 500);
    assert.equal(remembered.pieces.join(''), 'no stream');
  });
});
