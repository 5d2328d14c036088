import { promises as dns, type LookupAddress } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { addressProblem, attachmentUrlProblem } from '../domain/public-address.ts';
import { type FetchOutcome, judgeStatus, MAX_REDIRECTS, type RemoteFiles } from '../domain/remote-file.ts';

/** What decides where a connection may go. Production uses `PUBLIC_INTERNET`. */
export interface HttpsFetchRules {
  /** Every address of a name, of both families. */
  readonly resolve: (hostname: string) => Promise<readonly LookupAddress[]>;
  readonly addressProblem: (ip: string) => string | undefined;
  readonly urlProblem: (url: string) => string | undefined;
  /** Certificate authorities, PEM; those of Node where absent. */
  readonly ca?: string;
}

export const PUBLIC_INTERNET: HttpsFetchRules = {
  resolve: (hostname) => dns.lookup(hostname, { all: true }),
  addressProblem,
  urlProblem: attachmentUrlProblem,
};

interface Limits {
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

type Failure = Extract<FetchOutcome, { kind: 'failed' }>;
type Step = FetchOutcome | { readonly kind: 'redirect'; readonly url: string };

/**
 * GET over HTTPS from public addresses only. A name is resolved once, every address it has must be allowed, and the
 * connection goes to one of those very addresses, so that a second answer of its DNS server decides nothing. Each
 * redirect is judged like the first URL.
 */
export function createHttpsFetch(rules: HttpsFetchRules): RemoteFiles {
  return {
    async fetch(url, limits) {
      let current = url;
      for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
        const step = await fetchOnce(current, limits, rules);
        if (step.kind !== 'redirect') return step;
        current = step.url;
      }
      return permanently(`it redirects more than ${MAX_REDIRECTS} times`);
    },
  };
}

async function fetchOnce(url: string, limits: Limits, rules: HttpsFetchRules): Promise<Step> {
  const problem = rules.urlProblem(url);
  if (problem !== undefined) return permanently(`its URL ${problem}`);
  const target = new URL(url);
  try {
    const addresses = await orAborted(() => resolveAll(target.hostname, rules), limits.signal);
    const refused = addresses.map(({ address }) => rules.addressProblem(address)).find(Boolean);
    if (refused !== undefined) return permanently(`its host has an address that ${refused}`);
    const answer = await orAborted(() => connect(target, addresses, limits, rules), limits.signal);
    return await readAnswer(answer, target, limits);
  } catch (error) {
    return failureOf(error, limits.signal);
  }
}

async function resolveAll(hostname: string, rules: HttpsFetchRules): Promise<readonly LookupAddress[]> {
  const literal = hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(literal);
  if (family !== 0) return [{ address: literal, family }];
  const addresses = await rules.resolve(hostname);
  if (addresses.length === 0) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
  // A function outside a VPC reaches IPv4 only.
  return addresses.toSorted((one, other) => one.family - other.family);
}

function connect(
  target: URL,
  addresses: readonly LookupAddress[],
  { signal }: Limits,
  { ca }: HttpsFetchRules,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const options = {
    lookup: pinnedTo(addresses),
    // A connection of its own: one that was kept from before a freeze of the sandbox may be dead.
    agent: false,
    rejectUnauthorized: true,
    headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'Postlane' },
    signal,
    ...(ca === undefined ? {} : { ca }),
  } as const;
  // A server that switches protocols leaves a socket that nobody reads; Node then tells of neither answer nor error.
  const refuseUpgrade = (_answer: IncomingMessage, socket: { destroy(): void }) => {
    socket.destroy();
    reject(new Error('the server asked for another protocol'));
  };
  request(target, options)
    .on('response', resolve)
    .on('upgrade', refuseUpgrade)
    .on('error', reject)
    .on('close', () => reject(new Error('the server closed the connection without an answer')))
    .end();
  return promise;
}

/** Name, Host header, SNI and certificate check stay those of the URL; only the address is given. */
function pinnedTo(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, { all }, callback) => {
    if (all) return callback(null, [...addresses]);
    const first = addresses[0];
    return callback(null, first?.address ?? '', first?.family);
  };
}

async function readAnswer(response: IncomingMessage, from: URL, limits: Limits): Promise<Step> {
  try {
    const judgement = judgeStatus(response.statusCode ?? 0);
    if (judgement.kind === 'redirect') return redirectOf(response, from);
    if (judgement.kind === 'failed') return failed(judgement.permanent, statusReason(response));
    return await readBody(response, limits.maxBytes);
  } finally {
    response.destroy();
  }
}

function redirectOf(response: IncomingMessage, from: URL): Step {
  const location = URL.parse(response.headers.location ?? '', from.href);
  if (response.headers.location === undefined || location === null) {
    return permanently('it redirects to nowhere');
  }
  return { kind: 'redirect', url: location.href };
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<FetchOutcome> {
  const tooLarge = permanently('with it the message would be larger than 40 MB after base64 encoding');
  // We asked for none; what a server compresses all the same is not the file that was meant.
  const encoding = response.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') return permanently('the server answered with a content encoding');
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) return tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) return tooLarge;
    chunks.push(chunk);
  }
  return { kind: 'fetched', body: Buffer.concat(chunks), contentType: response.headers['content-type'] };
}

/** Name resolution cannot be cancelled; it can be left behind. A connection must not outlast its limit, whatever it does. */
async function orAborted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(), promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Codes of getaddrinfo, OpenSSL's verification, Node's TLS and its HTTP parser that will not be otherwise next time. */
const PERMANENT_CODES: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^ENOTFOUND$/, 'its host does not exist'],
  [
    /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_|INVALID_)/,
    'the certificate of its host is not valid',
  ],
  [/^(EPROTO|ERR_SSL_|HPE_)/, 'its host does not speak HTTPS'],
];

function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) return failed(false, 'it did not arrive in time');
  const code = String((error as { code?: unknown }).code ?? 'unknown');
  const known = PERMANENT_CODES.find(([pattern]) => pattern.test(code));
  return known === undefined ? failed(false, `the connection failed (${code})`) : permanently(known[1]);
}

function statusReason(response: IncomingMessage): string {
  return `the server answered with status ${response.statusCode}`;
}

function permanently(reason: string): Failure {
  return failed(true, reason);
}

function failed(permanent: boolean, reason: string): Failure {
  return { kind: 'failed', permanent, reason };
}
