import type { LookupAddress } from 'node:dns';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { HttpsFetchRules } from '../../../shared/guarded-http/adapters/https-fetch.ts';
import { addressProblem, attachmentUrlProblem } from '../../../shared/guarded-http/public-address.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), 'utf8');
const cert = fixture('files-test.cert.pem');

/** An HTTPS file host on the loopback interface that remembers who asked for what. */
export interface FileServer extends AsyncDisposable {
  readonly port: number;
  readonly requests: readonly { readonly host: string; readonly serverName: string; readonly path: string }[];
  /** `https://files.test:<port><path>` */
  url(path: string, host?: string): string;
}

export async function startFileServer(listener: RequestListener): Promise<FileServer> {
  const requests: FileServer['requests'][number][] = [];
  const server = createServer({ cert, key: fixture('files-test.key.pem') }, (request, response) => {
    requests.push(describe(request));
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    port,
    requests,
    url: (path, host = 'files.test') => `https://${host}:${port}${path}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface FakeDns {
  readonly asked: readonly string[];
  readonly resolve: HttpsFetchRules['resolve'];
}

/** Answers each question for a name with the next of its answers, and with the last one from then on. */
export function fakeDns(answers: Readonly<Record<string, readonly (readonly string[])[]>>): FakeDns {
  const asked: string[] = [];
  return {
    asked,
    async resolve(hostname): Promise<readonly LookupAddress[]> {
      const before = asked.filter((name) => name === hostname).length;
      asked.push(hostname);
      const known = answers[hostname];
      const addresses = known?.[Math.min(before, known.length - 1)];
      if (addresses === undefined) throw Object.assign(new Error('unknown'), { code: 'ENOTFOUND' });
      return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    },
  };
}

/** The production rules, but that 127.0.0.1 counts as public and a port may be named: a test has no other server. */
export function rulesForTests(dns: Pick<FakeDns, 'resolve'>): HttpsFetchRules {
  return {
    resolve: dns.resolve,
    addressProblem: (ip) => (ip === '127.0.0.1' ? undefined : addressProblem(ip)),
    urlProblem: (url) =>
      attachmentUrlProblem(url.replace(/:\d{4,5}(?=\/)/, '').replace('//127.0.0.1/', '//8.8.8.8/')),
    ca: cert,
  };
}

function describe(request: IncomingMessage) {
  const { servername } = request.socket as unknown as { servername?: string | false };
  return { host: request.headers.host ?? '', serverName: servername || '', path: request.url ?? '' };
}
