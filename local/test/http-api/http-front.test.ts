import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { startHttpFront } from '../../src/http-api/http-front.ts';
import type { InvocationResult } from '../../src/lambda/invocation.ts';
import {
  aFrontFunction,
  aFrontPermission,
  aFrontRoute,
  aFrontWorld,
  type FrontWorldOptions,
  oneFunction,
  theApi,
} from '../support/front-world.ts';
import { okResult } from '../support/hosted-world.ts';

async function start(t: TestContext, options: FrontWorldOptions = {}) {
  const world = await aFrontWorld(options);
  t.after(() => world.front.close());
  return world;
}

const record = (value: unknown) => value as Record<string, unknown>;

describe('the event of a request', () => {
  test('the event of a request is payload format 2.0', async (t) => {
    const world = await start(t);
    const askedAt = Date.now();
    await world.fetch('/emails?limit=2&to=a%40b.c&to=d', {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: 'a=1; b=2', 'X-Odd': 'Yes' },
      body: '{"a":"ü"}',
    });
    const { requestContext, headers, ...event } = world.events()[0] ?? {};
    assert.deepEqual(event, {
      version: '2.0',
      routeKey: '$default',
      rawPath: '/emails',
      rawQueryString: 'limit=2&to=a%40b.c&to=d',
      cookies: ['a=1', 'b=2'],
      queryStringParameters: { limit: '2', to: 'a@b.c,d' },
      body: '{"a":"ü"}',
      isBase64Encoded: false,
    });
    const { http, time, timeEpoch, requestId, ...context } = record(requestContext);
    assert.deepEqual(context, {
      accountId: '000000000000',
      apiId: 'api1234567',
      domainName: 'api1234567.execute-api.us-east-1.amazonaws.com',
      domainPrefix: 'api1234567',
      routeKey: '$default',
      stage: '$default',
    });
    assert.equal(record(http).method, 'POST');
    assert.equal(record(http).protocol, 'HTTP/1.1');
    assert.equal(record(http).sourceIp, '127.0.0.1');
    assert.match(String(time), /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    assert.ok(askedAt <= Number(timeEpoch) && Number(timeEpoch) <= Date.now());
    assert.ok(requestId);
    assert.equal(record(headers)['x-odd'], 'Yes');
    assert.equal(record(headers).cookie, undefined);
    assert.match(String(record(headers)['x-amzn-trace-id']), /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  });

  test('the event has no body, cookies or query parameters where the request has none', async (t) => {
    const world = await start(t);
    await world.fetch('/emails');
    const event = world.events()[0] ?? {};
    for (const name of ['body', 'cookies', 'queryStringParameters', 'pathParameters'])
      assert.equal(name in event, false, name);
    assert.equal(event.isBase64Encoded, false);
  });

  for (const [type, isText] of [
    ['application/json; charset=utf-8', true],
    ['text/csv', true],
    ['application/xml', true],
    ['application/x-www-form-urlencoded', false],
    ['application/octet-stream', false],
    ['application/jsonp', false],
  ] as const)
    test(`the event carries ${type} as ${isText ? 'text' : 'base64'}`, async (t) => {
      const world = await start(t);
      await world.fetch('/', { method: 'POST', headers: { 'content-type': type }, body: 'a=b' });
      const event = world.events()[0] ?? {};
      assert.equal(event.isBase64Encoded, !isText);
      assert.equal(event.body, isText ? 'a=b' : Buffer.from('a=b').toString('base64'));
    });

  test('the event has the path decoded, and cut at an encoded question mark', async (t) => {
    const world = await start(t);
    await world.fetch('/suppressions/a%2Bb%40example.com');
    await world.fetch('/odd%3Fpath/x');
    assert.deepEqual(
      world.events().map(({ rawPath }) => rawPath),
      ['/suppressions/a+b@example.com', '/odd'],
    );
  });

  test('the event joins repeated headers with commas', async (t) => {
    const world = await start(t);
    await new Promise<void>((resolve, reject) => {
      const outgoing = httpRequest(world.front.url, { headers: { 'x-many': ['a', 'b'] } }, (incoming) => {
        incoming.resume().on('end', resolve);
      });
      outgoing.on('error', reject).end();
    });
    assert.equal(record(world.events()[0]?.headers)['x-many'], 'a,b');
  });
});

describe('the answer to a request', () => {
  test('an answer is the status, headers, cookies and body that the function gives', async (t) => {
    const payload = { statusCode: 201, headers: { 'X-Id': '7' }, cookies: ['a=1', 'b=2'], body: '{"id":7}' };
    const world = await start(t, { answer: () => okResult(payload) });
    const answer = await world.fetch('/');
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get('x-id'), '7');
    assert.deepEqual(answer.headers.getSetCookie(), ['a=1', 'b=2']);
    assert.ok(answer.headers.get('apigw-requestid'));
    assert.equal(await answer.text(), '{"id":7}');
  });

  test('decodes a base64 body', async (t) => {
    const body = Buffer.from([0, 255, 1]);
    const payload = { statusCode: 200, isBase64Encoded: true, body: body.toString('base64') };
    const world = await start(t, { answer: () => okResult(payload) });
    assert.deepEqual(Buffer.from(await (await world.fetch('/')).arrayBuffer()), body);
  });

  test('an answer without a status is inferred as a JSON 200', async (t) => {
    const world = await start(t, { answer: () => okResult({ hello: 'world' }) });
    const answer = await world.fetch('/');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'application/json');
    assert.deepEqual(await answer.json(), { hello: 'world' });
  });

  for (const [title, result, status, message] of [
    ['an error', error('TypeError'), 500, 'Internal Server Error'],
    ['a time-out', { kind: 'timeout', durationMs: 1 }, 500, 'Internal Server Error'],
    ['a crash', { kind: 'crashed', durationMs: 1 }, 500, 'Internal Server Error'],
    ['a throttle', error('TooManyRequestsException'), 503, 'Service Unavailable'],
    ['an event beyond 6 MB', error('RequestEntityTooLargeException'), 413, 'Request Entity Too Large'],
    ['a status that is none', okResult({ statusCode: 'x' }), 500, 'Internal Server Error'],
    [
      'a header that is none',
      okResult({ statusCode: 200, headers: { a: 'b\nc' } }),
      500,
      'Internal Server Error',
    ],
    ['a body that is no string', okResult({ statusCode: 200, body: {} }), 500, 'Internal Server Error'],
  ] as const)
    test(`an answer is ${status} ${message} for ${title}`, async (t) => {
      const world = await start(t, { answer: () => result });
      const answer = await world.fetch('/');
      assert.equal(answer.status, status);
      assert.deepEqual(await answer.json(), { message });
    });

  test('an answer is 503 when the function outlasts the integration time-out', async (t) => {
    const resources = [
      ...oneFunction().slice(0, 4),
      ...aFrontRoute('$default', 'Control', { TimeoutInMillis: 50 }),
    ];
    const answer = () =>
      new Promise<InvocationResult>((resolve) => setTimeout(resolve, 200, okResult('late')));
    const world = await start(t, { resources, answer });
    assert.equal((await world.fetch('/')).status, 503);
  });
});

function error(errorType: string): InvocationResult {
  return { kind: 'error', errorType, message: '', durationMs: 1 };
}

describe('the front', () => {
  test('the front has its address before it is open, and lets requests wait until then', async (t) => {
    const listening = await startHttpFront(0);
    const early = fetch(listening.url);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await start(t, { listening });
    assert.equal((await early).status, 200);
  });

  test('the front closes at once where it was never opened, and closes twice', async () => {
    const listening = await startHttpFront(0);
    const early = fetch(listening.url);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await Promise.all([assert.rejects(early), listening.close()]);
    await listening.close();
  });
});

describe("the gateway's own limits", () => {
  test('a body over 10 MB is refused and never reaches the function', async (t) => {
    const world = await start(t);
    const send = (bytes: number) => world.fetch('/', { method: 'POST', body: Buffer.alloc(bytes) });
    const answer = await send(10 * 1024 * 1024 + 1);
    assert.equal(answer.status, 413);
    assert.deepEqual(await answer.json(), { message: 'Request Entity Too Large' });
    assert.equal((await send(10 * 1024 * 1024)).status, 200);
    assert.equal(world.lambda.invocations.length, 1);
  });

  test('headers over 10,240 bytes are refused', async (t) => {
    const world = await start(t);
    const answer = await world.fetch('/', { headers: { 'x-long': 'a'.repeat(10_240) } });
    assert.equal(answer.status, 431);
    assert.deepEqual(await answer.json(), { message: 'Request Header Fields Too Large' });
  });

  test('a path that cannot be decoded is a bad request', async (t) => {
    const world = await start(t);
    assert.equal((await world.fetch('/%E0%A4')).status, 400);
  });

  test('a request that is not HTTP is a bad request', async (t) => {
    const world = await start(t);
    const text = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(world.front.url).port), '127.0.0.1', () =>
        socket.write('nonsense\r\n\r\n'),
      );
      let received = '';
      socket.on('data', (data) => {
        received += data;
      });
      socket.on('close', () => resolve(received));
    });
    assert.match(text, /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*\{"message":"Bad Request"\}$/);
  });

  test('a request costs one unit for each 512 KB begun', async (t) => {
    const world = await start(t);
    for (const bytes of [1, 512 * 1024, 512 * 1024 + 1])
      await world.fetch('/', { method: 'POST', body: Buffer.alloc(bytes) });
    assert.deepEqual(
      world.meter.usage.map(({ service, functionName, requests, units, unit }) => [
        service,
        functionName,
        requests,
        units,
        unit,
      ]),
      [1, 1, 2].map((units) => ['apigateway', 'Control', 1, units, '512KB chunk']),
    );
  });
});

describe('the routes of the template', () => {
  const resources = [
    ...theApi(),
    ...['Accept', 'Control', 'Files'].flatMap((name) => [aFrontFunction(name), aFrontPermission(name)]),
    ...aFrontRoute('$default', 'Control'),
    ...aFrontRoute('POST /emails', 'Accept'),
    ...aFrontRoute('ANY /files/{proxy+}', 'Files'),
    ...aFrontRoute('GET /files/{id}/meta', 'Control'),
  ];

  for (const [method, path, target, pathParameters] of [
    ['POST', '/emails', 'Accept', undefined],
    ['GET', '/emails', 'Control', undefined],
    ['POST', '//emails', 'Control', undefined],
    ['PUT', '/files/a/b', 'Files', { proxy: 'a/b' }],
    ['GET', '/files/7/meta', 'Control', { id: '7' }],
    ['GET', '/', 'Control', undefined],
  ] as const)
    test(`sends ${method} ${path} to ${target}`, async (t) => {
      const world = await start(t, { resources });
      await world.fetch(path, { method });
      assert.equal(world.lambda.invocations[0]?.functionLogicalId, target);
      assert.deepEqual(world.events()[0]?.pathParameters, pathParameters);
    });

  test('a path that no route matches is a 404 in the words of API Gateway', async (t) => {
    const world = await start(t, {
      resources: resources.filter(({ logicalId }) => logicalId !== 'Route $default'),
    });
    const answer = await world.fetch('/nothing');
    assert.equal(answer.status, 404);
    assert.deepEqual(await answer.json(), { message: 'Not Found' });
  });

  for (const [title, permission] of [
    ['no permission', []],
    ['a permission for another route', [aFrontPermission('Control', '*/*/emails')]],
  ] as const)
    test(`a route with ${title} answers 500`, async (t) => {
      const without = oneFunction().filter(({ type }) => type !== 'AWS::Lambda::Permission');
      const world = await start(t, { resources: [...without, ...permission] });
      assert.equal((await world.fetch('/')).status, 500);
      assert.equal(world.lambda.invocations.length, 0);
      assert.match(world.warnings[0] ?? '', /No AWS::Lambda::Permission/);
    });

  for (const [title, changed, expected] of [
    ['CORS', [...theApi({ CorsConfiguration: {} })], /CorsConfiguration/],
    ['WebSockets', [...theApi({ ProtocolType: 'WEBSOCKET' })], /protocol/],
    [
      'payload 1.0',
      [...theApi(), aFrontFunction('A'), ...aFrontRoute('$default', 'A', { PayloadFormatVersion: '1.0' })],
      /payload 2\.0/,
    ],
  ] as const)
    test(`a template with ${title} stops the start by name`, async () => {
      await assert.rejects(aFrontWorld({ resources: changed }), expected);
    });
});

describe("the local cloud's own routes", () => {
  const advance = (world: Awaited<ReturnType<typeof start>>, body: string) =>
    world.fetch('/_local/clock', { method: 'POST', body });

  test('the clock route moves the clock and answers the new time', async (t) => {
    const world = await start(t);
    const askedAt = Date.now();
    const answer = await advance(world, '{"advanceSeconds":3600}');
    const { now } = (await answer.json()) as { now: string };
    assert.ok(Date.parse(now) >= askedAt + 3_600_000);
    assert.equal(Date.parse(now) <= world.clock.now(), true);
  });

  for (const body of [
    '',
    'null',
    '{}',
    '{"advanceSeconds":"1"}',
    '{"advanceSeconds":-1}',
    '{"advanceSeconds":1e12}',
  ])
    test(`a clock request of ${body || 'nothing'} is refused`, async (t) => {
      const answer = await advance(await start(t), body);
      assert.equal(answer.status, 400);
    });

  test('an unknown local route is 404 in JSON and reaches no function', async (t) => {
    const world = await start(t);
    const answer = await world.fetch('/_local/nothing');
    assert.equal(answer.status, 404);
    assert.match(((await answer.json()) as { message: string }).message, /GET \/_local\/nothing/);
    assert.equal(world.lambda.invocations.length, 0);
  });

  test('a mounted local route gets its parameters, query and body', async (t) => {
    const seen: unknown[] = [];
    const world = await start(t, {
      localRoutes: [
        {
          method: 'PUT',
          path: '/_local/things/{id}',
          handle: (request) => {
            seen.push({ ...request, body: request.body.toString() });
            return { status: 204, headers: {}, body: Buffer.alloc(0) };
          },
        },
      ],
    });
    const answer = await world.fetch('/_local/things/a%20b?to=x%2By', { method: 'PUT', body: 'hi' });
    assert.equal(answer.status, 204);
    assert.deepEqual(seen, [{ params: { id: 'a b' }, rawQuery: 'to=x%2By', body: 'hi' }]);
  });
});

describe('the friendly key', () => {
  const authorizationOf = async (t: TestContext, authorization: string, options: FrontWorldOptions = {}) => {
    const world = await start(t, options);
    await world.fetch('/', { headers: { authorization } });
    return record(world.events()[0]?.headers).authorization;
  };

  test("the friendly key becomes the deployment's own", async (t) => {
    assert.equal(await authorizationOf(t, 'Bearer re_local'), 'Bearer re_real');
  });

  test('another key than the friendly one does not change', async (t) => {
    assert.equal(await authorizationOf(t, 'Bearer re_other'), 'Bearer re_other');
  });

  test('the friendly key stays as it is where the deployment made none', async (t) => {
    const swapKey = (await import('../../src/http-api/friendly-key.ts')).createKeySwap(
      're_local',
      async () => undefined,
    );
    assert.equal(await authorizationOf(t, 'Bearer re_local', { swapKey }), 'Bearer re_local');
  });
});
