import assert from 'node:assert/strict';
import type { RequestListener, ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { createHttpsFetch, PUBLIC_INTERNET } from '../../../../shared/guarded-http/adapters/https-fetch.ts';
import type { FetchOutcome } from '../../../../shared/guarded-http/remote-file.ts';
import {
  type FakeDns,
  type FileServer,
  fakeDns,
  rulesForTests,
  startFileServer,
} from '../../../support/guarded-http/file-server.ts';

const PATIENCE_MS = 10_000;
const KNOWN_NAMES = { 'files.test': [['127.0.0.1']], 'mirror.test': [['127.0.0.1']] };

interface Options {
  readonly dns?: FakeDns;
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
}

function fetchFrom(url: string, { dns = fakeDns(KNOWN_NAMES), maxBytes = 1000, timeoutMs }: Options = {}) {
  const signal = AbortSignal.timeout(timeoutMs ?? PATIENCE_MS);
  return createHttpsFetch(rulesForTests(dns)).fetch(url, { maxBytes, signal });
}

const answer =
  (status: number, headers: Record<string, string> = {}, body = ''): RequestListener =>
  (_request, response) =>
    response.writeHead(status, headers).end(body);

const redirectTo =
  (location: (server: FileServer) => string, server: () => FileServer): RequestListener =>
  (request, response) =>
    request.url === '/start'
      ? response.writeHead(302, { location: location(server()) }).end()
      : response.end('arrived');

function reasonOf(outcome: FetchOutcome): string {
  assert.equal(outcome.kind, 'failed');
  return outcome.reason;
}

describe('https-fetch', () => {
  test('answers the bytes and the content type of a file', async () => {
    await using server = await startFileServer(answer(200, { 'content-type': 'text/plain' }, 'hello'));
    const outcome = await fetchFrom(server.url('/a.txt?x=1'));
    assert.deepEqual(outcome, { kind: 'fetched', body: Buffer.from('hello'), contentType: 'text/plain' });
    const host = `files.test:${server.port}`;
    assert.deepEqual(server.requests, [{ host, serverName: 'files.test', path: '/a.txt?x=1' }]);
  });

  test('fails for now where the server switches to another protocol', async () => {
    await using server = await startFileServer((_request, response) => {
      response.socket?.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: any\r\n\r\n',
      );
    });
    assert.match(reasonOf(await fetchFrom(server.url('/'))), /./);
  });

  test('fetches from a literal public address without asking any name server', async () => {
    await using server = await startFileServer(answer(200, {}, 'hello'));
    const dns = fakeDns({});
    assert.equal((await fetchFrom(server.url('/', '127.0.0.1'), { dns })).kind, 'fetched');
    assert.deepEqual(dns.asked, []);
  });

  describe('where it connects to', () => {
    test('connects to the checked address when the name is answered differently the next time', async () => {
      await using server = await startFileServer(answer(200, {}, 'public'));
      const dns = fakeDns({ 'files.test': [['127.0.0.1'], ['10.0.0.1']] });
      assert.equal((await fetchFrom(server.url('/'), { dns })).kind, 'fetched');
      assert.deepEqual(dns.asked, ['files.test']);
    });

    test('refuses the rebound name when it is fetched again', async () => {
      await using server = await startFileServer(answer(200, {}, 'public'));
      const dns = fakeDns({ 'files.test': [['127.0.0.1'], ['10.0.0.1']] });
      await fetchFrom(server.url('/'), { dns });
      const reason = 'its host has an address that is private (RFC 1918)';
      assert.equal(reasonOf(await fetchFrom(server.url('/'), { dns })), reason);
      assert.equal(server.requests.length, 1);
    });

    const refusedAnswers = [
      ['127.0.0.1', '10.0.0.1'],
      ['10.0.0.1', '127.0.0.1'],
      ['127.0.0.1', 'fd00:ec2::254'],
      ['127.0.0.1', '::ffff:127.0.0.1'],
      ['169.254.169.254'],
      ['127.0.0.2'],
      ['::1'],
    ];
    for (const addresses of refusedAnswers) {
      test(`refuses a name with the addresses ${addresses.join(' and ')}`, async () => {
        await using server = await startFileServer(answer(200, {}, 'secret'));
        const outcome = await fetchFrom(server.url('/'), { dns: fakeDns({ 'files.test': [addresses] }) });
        assert.match(reasonOf(outcome), /^its host has an address that is /);
        assert.equal(outcome.kind === 'failed' && outcome.permanent, true);
        assert.deepEqual(server.requests, []);
      });
    }

    test('refuses loopback under the rules of production', async () => {
      await using server = await startFileServer(answer(200, {}, 'secret'));
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const production = createHttpsFetch({ ...PUBLIC_INTERNET, resolve: fakeDns(KNOWN_NAMES).resolve });
      const byName = await production.fetch('https://files.test/', { maxBytes: 10, signal });
      assert.equal(reasonOf(byName), 'its host has an address that is loopback (RFC 1122)');
      const byAddress = await production.fetch('https://127.0.0.1/', { maxBytes: 10, signal });
      assert.equal(reasonOf(byAddress), 'its URL names an address that is loopback (RFC 1122)');
      assert.deepEqual(server.requests, []);
    });

    test('refuses a certificate of another name', async () => {
      await using server = await startFileServer(answer(200, {}, 'hello'));
      const dns = fakeDns({ 'other.test': [['127.0.0.1']] });
      const outcome = await fetchFrom(server.url('/', 'other.test'), { dns });
      const reason = 'the certificate of its host is not valid';
      assert.deepEqual(outcome, { kind: 'failed', permanent: true, reason });
    });

    test('refuses a certificate that no known authority signed', async () => {
      await using server = await startFileServer(answer(200, {}, 'hello'));
      const { ca: _ca, ...rules } = rulesForTests(fakeDns(KNOWN_NAMES));
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const outcome = await createHttpsFetch(rules).fetch(server.url('/'), { maxBytes: 10, signal });
      assert.equal(reasonOf(outcome), 'the certificate of its host is not valid');
    });
  });

  describe('redirects', () => {
    const targets: readonly (readonly [title: string, location: string, reason: RegExp])[] = [
      ['a private address', 'https://10.0.0.1/', /^its URL names an address that is private/],
      ['the metadata service', 'http://169.254.169.254/latest/meta-data/', /^its URL does not use https/],
      ['loopback in hexadecimal', 'https://0x7f000002/', /^its URL names an address that is loopback/],
      ['plain http', 'http://mirror.test/', /^its URL does not use https/],
      ['localhost', 'https://localhost/', /^its URL does not name a public host/],
      ['a name with a private address', 'https://intern.test/', /^its host has an address that is private/],
      ['a file', 'file:///etc/passwd', /^its URL does not use https/],
    ];
    for (const [title, location, reason] of targets) {
      test(`refuses a redirect to ${title}`, async () => {
        await using server = await startFileServer(answer(302, { location }));
        const dns = fakeDns({ ...KNOWN_NAMES, 'intern.test': [['10.0.0.1']] });
        assert.match(reasonOf(await fetchFrom(server.url('/start'), { dns })), reason);
        assert.equal(server.requests.length, 1);
      });
    }

    test('follows a redirect to another host after resolving and checking that one', async () => {
      let started: FileServer | undefined;
      const listener = redirectTo(
        (self) => self.url('/file', 'mirror.test'),
        () => started as FileServer,
      );
      await using server = await startFileServer(listener);
      started = server;
      const dns = fakeDns(KNOWN_NAMES);
      assert.equal((await fetchFrom(server.url('/start'), { dns })).kind, 'fetched');
      assert.deepEqual(dns.asked, ['files.test', 'mirror.test']);
      assert.deepEqual(
        server.requests.map(({ serverName }) => serverName),
        ['files.test', 'mirror.test'],
      );
    });

    test('follows three redirects, also relative ones, and no fourth', async () => {
      await using server = await startFileServer((request, response) => {
        const left = Number(request.url?.slice(1));
        if (left === 0) response.end('arrived');
        else response.writeHead(307, { location: `/${left - 1}` }).end();
      });
      assert.equal((await fetchFrom(server.url('/3'))).kind, 'fetched');
      assert.equal(reasonOf(await fetchFrom(server.url('/4'))), 'it redirects more than 3 times');
    });

    test('refuses a redirect without a location', async () => {
      await using server = await startFileServer(answer(302));
      assert.equal(reasonOf(await fetchFrom(server.url('/'))), 'it redirects to nowhere');
    });
  });

  describe('limits', () => {
    const tooLarge = 'with it the message would be larger than 40 MB after base64 encoding';

    test('takes a file of exactly the limit and refuses one more byte while it streams', async () => {
      await using server = await startFileServer((request, response) => {
        for (let left = Number(request.url?.slice(1)); left > 0; left -= 100) {
          response.write('x'.repeat(Math.min(left, 100)));
        }
        response.end();
      });
      assert.equal((await fetchFrom(server.url('/1000'))).kind, 'fetched');
      assert.equal(reasonOf(await fetchFrom(server.url('/1001'))), tooLarge);
    });

    test('refuses a file by its announced length without reading it', async () => {
      await using server = await startFileServer((_request, response) => {
        response.writeHead(200, { 'content-length': '1001' }).flushHeaders();
      });
      assert.equal(reasonOf(await fetchFrom(server.url('/'))), tooLarge);
    });

    test('stops reading an endless file', async () => {
      const closed = Promise.withResolvers<void>();
      await using server = await startFileServer((_request, response) => {
        response.on('close', closed.resolve);
        pour(response);
      });
      assert.equal(reasonOf(await fetchFrom(server.url('/'), { maxBytes: 5_000_000 })), tooLarge);
      await closed.promise;
    });

    const silences: readonly (readonly [title: string, listener: RequestListener])[] = [
      ['never answers', () => {}],
      ['stops in the middle', (_request, response) => void response.write('half')],
    ];
    for (const [title, listener] of silences) {
      test(`gives up, for now, on a server that ${title}`, async () => {
        await using server = await startFileServer(listener);
        const outcome = await fetchFrom(server.url('/'), { timeoutMs: 200 });
        assert.deepEqual(outcome, { kind: 'failed', permanent: false, reason: 'it did not arrive in time' });
      });
    }

    test('gives up, for now, on a name server that never answers', async () => {
      const dns = { asked: [], resolve: () => new Promise<never>(() => {}) };
      const outcome = await fetchFrom('https://files.test/', { dns, timeoutMs: 100 });
      assert.deepEqual(outcome, { kind: 'failed', permanent: false, reason: 'it did not arrive in time' });
    });
  });

  describe('what the server says', () => {
    const statuses: readonly (readonly [status: number, permanent: boolean])[] = [
      [204, true],
      [206, true],
      [304, true],
      [401, true],
      [403, true],
      [404, true],
      [410, true],
      [408, false],
      [425, false],
      [429, false],
      [500, false],
      [503, false],
    ];
    for (const [status, permanent] of statuses) {
      test(`takes status ${status} as a ${permanent ? 'final' : 'passing'} failure`, async () => {
        await using server = await startFileServer(answer(status));
        const reason = `the server answered with status ${status}`;
        assert.deepEqual(await fetchFrom(server.url('/')), { kind: 'failed', permanent, reason });
      });
    }

    test('takes an unknown name as a final failure', async () => {
      const outcome = await fetchFrom('https://nowhere.test/');
      assert.deepEqual(outcome, { kind: 'failed', permanent: true, reason: 'its host does not exist' });
    });

    test('takes a name without any address as a final failure', async () => {
      const outcome = await fetchFrom('https://files.test/', { dns: fakeDns({ 'files.test': [[]] }) });
      assert.equal(reasonOf(outcome), 'its host does not exist');
    });

    test('takes a refused connection as a passing failure', async () => {
      const port = await closedPort();
      const outcome = await fetchFrom(`https://files.test:${port}/`);
      const reason = 'the connection failed (ECONNREFUSED)';
      assert.deepEqual(outcome, { kind: 'failed', permanent: false, reason });
    });

    test('takes a connection that is cut in the middle as a passing failure', async () => {
      await using server = await startFileServer((_request, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('half');
        setTimeout(() => response.destroy(), 20);
      });
      const outcome = await fetchFrom(server.url('/'));
      assert.equal(outcome.kind === 'failed' && !outcome.permanent, true);
    });

    test('takes a host that speaks no TLS as a final failure', async () => {
      const server = createServer((socket) =>
        socket.on('error', () => {}).end('220 smtp.files.test ESMTP\r\n'),
      );
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as { port: number };
      const outcome = await fetchFrom(`https://files.test:${port}/`);
      server.close();
      assert.equal(reasonOf(outcome), 'its host does not speak HTTPS');
    });

    test('refuses bytes that the server compressed unasked', async () => {
      await using server = await startFileServer(answer(200, { 'content-encoding': 'gzip' }, 'x'));
      assert.equal(reasonOf(await fetchFrom(server.url('/'))), 'the server answered with a content encoding');
    });
  });
});

function pour(response: ServerResponse): void {
  const chunk = Buffer.alloc(65_536);
  const more = () => {
    if (response.destroyed) return;
    if (response.write(chunk)) setImmediate(more);
    else response.once('drain', more);
  };
  more();
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
