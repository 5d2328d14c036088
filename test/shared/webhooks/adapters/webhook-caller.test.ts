import assert from 'node:assert/strict';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { webhookUrlProblem } from '../../../../shared/guarded-http/public-address.ts';
import {
  createWebhookCaller,
  publicEndpoints,
  type WebhookRules,
} from '../../../../shared/webhooks/adapters/webhook-caller.ts';
import type { CallOutcome } from '../../../../shared/webhooks/webhook-call.ts';
import {
  type FakeDns,
  fakeDns,
  rulesForTests,
  startFileServer,
} from '../../../support/guarded-http/file-server.ts';

const KNOWN_NAMES = { 'files.test': [['127.0.0.1']] };
const BODY = JSON.stringify({ type: 'email.delivered', data: { subject: 'Grüße' } });

/** The production rules, but that 127.0.0.1 counts as public and any port may be named: a test has no other server. */
function rules(dns: Pick<FakeDns, 'resolve'> = fakeDns(KNOWN_NAMES)): WebhookRules {
  const withoutPort = (url: string) =>
    url.replace(/:\d{4,5}(?=\/)/, '').replace('//127.0.0.1/', '//8.8.8.8/');
  return {
    ...rulesForTests(dns),
    urlProblem: (url) => webhookUrlProblem(withoutPort(url), { isLocalAllowed: false }),
  };
}

const call = (endpoint: string, how: WebhookRules = rules(), timeLimitMs = 5_000): Promise<CallOutcome> =>
  createWebhookCaller(how).call({ endpoint, headers: { 'webhook-id': 'msg_1' }, body: BODY, timeLimitMs });

function reasonOf(outcome: CallOutcome): string {
  assert.equal(outcome.kind, 'failed');
  return outcome.reason;
}

const answer =
  (status: number, headers: Record<string, string> = {}, body = ''): RequestListener =>
  (request, response) => {
    request.resume();
    response.writeHead(status, headers).end(body);
  };

/** Something that speaks TCP, and whatever else it is told to. */
async function listening<T extends Server>(
  server: T,
): Promise<T & AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(server, {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

describe('a call of a webhook', () => {
  test('POSTs the body as it is, with the headers it was given and its own', async () => {
    const seen: { request: IncomingMessage; body: string }[] = [];
    await using server = await startFileServer(async (request, response) => {
      seen.push({ request, body: await text(request) });
      response.end('thanks');
    });
    assert.deepEqual(await call(server.url('/hooks?a=1')), { kind: 'answered', status: 200, body: 'thanks' });
    const [{ request, body } = { request: undefined, body: '' }] = seen;
    assert.equal(body, BODY);
    assert.equal(`${request?.method} ${request?.url}`, 'POST /hooks?a=1');
    const { host, connection, ...headers } = request?.headers ?? {};
    assert.deepEqual(headers, {
      accept: '*/*',
      'accept-encoding': 'identity',
      'content-length': String(Buffer.byteLength(BODY)),
      'content-type': 'application/json',
      'user-agent': 'Postlane-Webhooks/1.0',
      'webhook-id': 'msg_1',
    });
    assert.deepEqual([host, connection], [`files.test:${server.port}`, 'close']);
  });

  test('tells any status, and when to come back', async () => {
    for (const status of [201, 204, 301, 400, 410, 429, 500, 503]) {
      await using server = await startFileServer(answer(status, { 'retry-after': '7' }));
      assert.deepEqual(await call(server.url('/')), { kind: 'answered', status, body: '', retryAfter: '7' });
    }
  });

  test('takes an answer that comes before the body was read', async () => {
    await using server = await startFileServer((_request, response) => {
      response.writeHead(413).end('too large');
    });
    assert.deepEqual(await call(server.url('/')), { kind: 'answered', status: 413, body: 'too large' });
  });

  describe('the address it goes to', () => {
    test('asks once for the name, and goes to the address that was checked', async () => {
      await using server = await startFileServer(answer(200));
      const dns = fakeDns({ 'files.test': [['127.0.0.1'], ['10.0.0.1']] });
      assert.equal((await call(server.url('/'), rules(dns))).kind, 'answered');
      assert.deepEqual(dns.asked, ['files.test']);
      const rebound = reasonOf(await call(server.url('/'), rules(dns)));
      assert.equal(rebound, 'its host has an address that is private (RFC 1918)');
      assert.equal(server.requests.length, 1);
    });

    const refusedAnswers = [
      ['127.0.0.1', '10.0.0.1'],
      ['10.0.0.1', '127.0.0.1'],
      ['127.0.0.1', '192.168.1.1', '127.0.0.1'],
      ['169.254.169.254'],
      ['127.0.0.1', 'fd00:ec2::254'],
      ['127.0.0.1', '::1'],
      ['127.0.0.1', '::ffff:127.0.0.1'],
      ['127.0.0.1', '::ffff:8.8.8.8'],
      ['127.0.0.1', '64:ff9b::7f00:1'],
      ['127.0.0.1', '2002:7f00:1::'],
      ['127.0.0.1', 'fe80::1'],
      ['127.0.0.1', 'fe80::1%lo'],
    ];
    for (const addresses of refusedAnswers) {
      test(`refuses a name with the addresses ${addresses.join(' and ')}`, async () => {
        await using server = await startFileServer(answer(200));
        const outcome = await call(server.url('/'), rules(fakeDns({ 'files.test': [addresses] })));
        assert.match(reasonOf(outcome), /^its host has an address that is /);
        assert.equal(outcome.kind === 'failed' && outcome.permanent, true);
        assert.deepEqual(server.requests, []);
      });
    }

    const refusedUrls: readonly (readonly [url: string, reason: RegExp])[] = [
      ['http://hooks.example.com/', /^its URL does not use https/],
      ['https://hooks.example.com:22/', /^its URL names a port other than/],
      ['https://user:secret@hooks.example.com/', /^its URL contains credentials/],
      ['https://metadata.google.internal/', /^its URL does not name a public host/],
      ['https://localhost/', /^its URL does not name a public host/],
      ['https://169.254.169.254/latest/meta-data/', /^its URL names an address that is link-local/],
      ['https://127.0.0.1:8443/', /^its URL names an address that is loopback/],
      ['https://2130706433/', /^its URL names an address that is loopback/],
      ['https://[::1]/', /^its URL names an address that is loopback/],
      ['https://[::ffff:7f00:1]/', /^its URL names an address that is IPv4-mapped/],
      ['https://[64:ff9b::7f00:1]/', /^its URL names an address that is of a NAT64/],
      ['https://[fd00:ec2::254]/', /^its URL names an address that is private/],
      ['http://127.0.0.1:9001/2018-06-01/runtime/invocation/next', /^its URL does not use https/],
      ['http://localhost:9001/', /^its URL does not use https/],
      ['file:///etc/passwd', /^its URL does not use https/],
    ];
    for (const [url, reason] of refusedUrls) {
      test(`refuses ${url} in production, and asks no name server`, async () => {
        const dns = fakeDns(KNOWN_NAMES);
        const production = { ...publicEndpoints({ isLocalAllowed: false }), resolve: dns.resolve };
        assert.match(reasonOf(await call(url, production)), reason);
        assert.deepEqual(dns.asked, []);
      });
    }

    test('a redirect leads nowhere, to the metadata service or anywhere', async () => {
      await using other = await startFileServer(answer(200));
      for (const location of ['http://169.254.169.254/latest/meta-data/', other.url('/')]) {
        await using server = await startFileServer(answer(307, { location }));
        assert.deepEqual(await call(server.url('/')), { kind: 'answered', status: 307, body: '' });
      }
      assert.deepEqual(other.requests, []);
    });

    test('keeps no connection for the next call', async () => {
      const sockets = new Set<Socket>();
      await using server = await startFileServer((request, response) => {
        sockets.add(request.socket);
        response.end();
      });
      await call(server.url('/'));
      await call(server.url('/'));
      assert.equal(sockets.size, 2);
    });

    test('refuses a certificate of another name, and one that no known authority signed', async () => {
      await using server = await startFileServer(answer(200));
      const { ca: _ca, ...unknown } = rules();
      const other = rules(fakeDns({ 'other.test': [['127.0.0.1']] }));
      const outcomes = [
        await call(server.url('/', 'other.test'), other),
        await call(server.url('/'), unknown),
      ];
      for (const outcome of outcomes) {
        assert.deepEqual(outcome, {
          kind: 'failed',
          permanent: true,
          reason: 'the certificate of its host is not valid',
        });
      }
      assert.deepEqual(server.requests, []);
    });
  });

  describe('an endpoint on this machine, in the local cloud', () => {
    const local = (isLocalAllowed = true): WebhookRules => ({
      ...publicEndpoints({ isLocalAllowed }),
      resolve: () => assert.fail('nobody is to be asked'),
    });

    test('goes over http to 127.0.0.1 and to localhost, at any port, in the local cloud', async () => {
      await using server = await listening(createHttpServer(answer(200, {}, 'here')));
      for (const host of ['127.0.0.1', 'localhost', '2130706433']) {
        const outcome = await call(`http://${host}:${server.port}/hook`, local());
        assert.deepEqual(outcome, { kind: 'answered', status: 200, body: 'here' });
      }
    });

    test('goes to no other private address, and to none where it is not allowed', async () => {
      await using server = await listening(createHttpServer(() => assert.fail('called')));
      const { port } = server;
      for (const host of [
        '127.0.0.2',
        '[::1]',
        '0.0.0.0',
        '10.0.0.1',
        'localhost.',
        'a.localhost',
        'hooks.example.com',
      ])
        assert.match(reasonOf(await call(`http://${host}:${port}/`, local())), /^its URL /, host);
      for (const host of ['127.0.0.1', 'localhost']) {
        assert.match(reasonOf(await call(`https://${host}:${port}/`, local())), /^its URL /);
        assert.match(reasonOf(await call(`http://${host}:${port}/`, local(false))), /^its URL /);
      }
    });
  });

  describe('how long it waits, and for how much', () => {
    const late = { kind: 'failed', permanent: false, reason: 'it did not arrive in time', isLate: true };

    test('gives up on a server that never answers', async () => {
      await using server = await startFileServer(() => {});
      assert.deepEqual(await call(server.url('/'), undefined, 200), late);
    });

    test('gives up on a server that accepts and says nothing, not even in TLS', async () => {
      await using server = await listening(createServer(() => {}));
      assert.deepEqual(await call(`https://files.test:${server.port}/`, undefined, 200), late);
    });

    test('gives up on a server that sends its headers a byte at a time', async () => {
      await using server = await startFileServer((_request, response) => {
        const head = `HTTP/1.1 200 OK\r\nX-Slow: ${'s'.repeat(1000)}\r\n\r\n`;
        let sent = 0;
        const timer = setInterval(() => response.socket?.write(head[sent++] ?? ''), 5);
        response.on('close', () => clearInterval(timer));
      });
      assert.deepEqual(await call(server.url('/'), undefined, 300), late);
    });

    test('gives up on a name server that never answers', async () => {
      const dns = { resolve: () => new Promise<never>(() => {}) };
      assert.deepEqual(await call('https://files.test/', rules(dns), 100), late);
    });

    test('takes the status of an answer with slow text, and the text as far as it came', async () => {
      await using server = await startFileServer((_request, response) =>
        response.writeHead(200).write('half'),
      );
      assert.deepEqual(await call(server.url('/')), { kind: 'answered', status: 200, body: 'half' });
    });

    test('takes the status of an answer that breaks off', async () => {
      await using server = await startFileServer((_request, response) => {
        response.writeHead(500, { 'content-length': '100' }).write('half');
        setTimeout(() => response.destroy(), 20);
      });
      assert.deepEqual(await call(server.url('/')), { kind: 'answered', status: 500, body: 'half' });
    });

    test('keeps the first KB of an endless answer and hangs up', async () => {
      const closed = Promise.withResolvers<void>();
      await using server = await startFileServer((_request, response) => {
        const timer = setInterval(() => response.write('x'.repeat(100)), 1);
        response.on('close', () => {
          clearInterval(timer);
          closed.resolve();
        });
      });
      assert.deepEqual(await call(server.url('/')), {
        kind: 'answered',
        status: 200,
        body: 'x'.repeat(1024),
      });
      await closed.promise;
    });

    test('cuts no character in two', async () => {
      await using server = await startFileServer(answer(200, {}, `x${'ü'.repeat(1024)}`));
      const outcome = await call(server.url('/'));
      assert.equal(outcome.kind === 'answered' && outcome.body, `x${'ü'.repeat(511)}`);
    });

    test('refuses headers without end', async () => {
      await using server = await startFileServer((_request, response) => {
        response.socket?.write('HTTP/1.1 200 OK\r\n');
        const timer = setInterval(() => response.socket?.write(`X-${'h'.repeat(2_000)}: v\r\n`), 1);
        response.socket?.on('close', () => clearInterval(timer));
      });
      assert.equal(reasonOf(await call(server.url('/'))), 'its host answers with too many headers');
    });

    test('refuses to speak another protocol', async () => {
      await using server = await startFileServer((_request, response) => {
        response.socket?.write(
          'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n',
        );
      });
      assert.equal(reasonOf(await call(server.url('/'))), 'the connection failed (UPGRADE_REFUSED)');
    });
  });

  describe('what is no answer', () => {
    test('a name that does not exist gives none', async () => {
      const outcome = await call('https://nowhere.test/');
      assert.deepEqual(outcome, { kind: 'failed', permanent: true, reason: 'its host does not exist' });
    });

    test('a refused connection gives none, for now', async () => {
      const { port } = await listening(createServer()).then(async (server) => {
        await server[Symbol.asyncDispose]();
        return server;
      });
      const outcome = await call(`https://files.test:${port}/`);
      const reason = 'the connection failed (ECONNREFUSED)';
      assert.deepEqual(outcome, { kind: 'failed', permanent: false, reason });
    });

    test('a connection that is closed without a word gives none', async () => {
      await using server = await startFileServer((request) => request.socket.destroy());
      const outcome = await call(server.url('/'));
      assert.equal(outcome.kind === 'failed' && !outcome.permanent, true);
    });

    test('a host that speaks no TLS gives none', async () => {
      await using server = await listening(
        createServer((socket) => socket.end('220 smtp.files.test ESMTP\r\n')),
      );
      assert.equal(
        reasonOf(await call(`https://files.test:${server.port}/`)),
        'its host does not speak HTTPS',
      );
    });
  });
});
