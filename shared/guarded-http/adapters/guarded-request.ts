import type { LookupAddress } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { defined } from '../../base/defined.ts';

/** Rules of where a connection may go. */
export interface ConnectionRules {
  /** Every address of a name, of both families. */
  readonly resolve: (hostname: string) => Promise<readonly LookupAddress[]>;
  /** Reason why nothing may be asked of an address, as the end of "the address …". */
  readonly addressProblem: (ip: string) => string | undefined;
  /** Certificate authorities, PEM; those of Node where absent. */
  readonly ca?: string;
}

interface OutgoingRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

type GuardedAnswer =
  /** The body is still to come; its reader destroys it. */
  | { readonly kind: 'answered'; readonly response: IncomingMessage }
  | { readonly kind: 'refused'; readonly reason: string };

/** Reason why there was no answer. `permanent`: asking again would end the same. */
interface RequestFailure {
  readonly permanent: boolean;
  readonly reason: string;
}

/**
 * One request to an address that was checked: the name is resolved once, every address it has must be
 * allowed, and the connection goes to one of those very addresses, so that a second answer of its DNS server
 * decides nothing. Redirects are answers like any other. Whether the URL itself may be asked is the caller's
 * to know.
 * @throws the error that occurred; `failureOf` says what it means
 */
export async function guardedRequest(
  target: URL,
  request: OutgoingRequest,
  rules: ConnectionRules,
  signal: AbortSignal,
): Promise<GuardedAnswer> {
  const addresses = await orAborted(() => resolveAll(target.hostname, rules), signal);
  const problem = addresses.map(({ address }) => rules.addressProblem(address)).find(Boolean);
  if (problem !== undefined) return { kind: 'refused', reason: `its host has an address that ${problem}` };
  const response = await orAborted(() => connect(target, request, addresses, rules, signal), signal);
  return { kind: 'answered', response };
}

async function resolveAll(hostname: string, rules: ConnectionRules): Promise<readonly LookupAddress[]> {
  const literal = hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(literal);
  if (family !== 0) return [{ address: literal, family }];
  const addresses = await rules.resolve(hostname);
  if (addresses.length === 0) throw errorOf('ENOTFOUND');
  // A function outside a VPC reaches IPv4 only.
  return addresses.toSorted((one, other) => one.family - other.family);
}

function connect(
  target: URL,
  { method, headers, body }: OutgoingRequest,
  addresses: readonly LookupAddress[],
  { ca }: ConnectionRules,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const options = {
    method,
    headers,
    lookup: pinnedTo(addresses),
    // A connection of its own: one that was kept from before a freeze of the sandbox may be dead.
    agent: false,
    rejectUnauthorized: true,
    signal,
    ...defined({ ca }),
  } as const;
  // A server that switches protocols leaves a socket that has no reader; Node then tells of neither answer
  // nor error.
  const refuseUpgrade = (_answer: IncomingMessage, socket: { destroy(): void }) => {
    socket.destroy();
    reject(errorOf('UPGRADE_REFUSED'));
  };
  const send = target.protocol === 'http:' ? httpRequest : httpsRequest;
  send(target, options)
    .on('response', resolve)
    .on('upgrade', refuseUpgrade)
    .on('error', reject)
    .on('close', () => reject(errorOf('NO_ANSWER')))
    .end(body);
  return promise;
}

/** Pins the address: name, Host header, SNI and certificate check stay those of the URL. */
function pinnedTo(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, { all }, callback) => {
    if (all) return callback(null, [...addresses]);
    const first = addresses[0];
    return callback(null, first?.address ?? '', first?.family);
  };
}

/**
 * Leaves work behind at an abort. Name resolution cannot be cancelled, but it can be left behind; a
 * connection must not outlast its limit in any case.
 */
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

/** Codes of name resolution, OpenSSL's verification, Node's TLS and its HTTP parser that will not be otherwise next time. */
const PERMANENT_CODES: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^ENOTFOUND$/, 'its host does not exist'],
  [
    /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_|INVALID_)/,
    'the certificate of its host is not valid',
  ],
  [/^HPE_HEADER_OVERFLOW$/, 'its host answers with too many headers'],
  [/^(EPROTO|ERR_SSL_|HPE_)/, 'its host does not speak HTTPS'],
];

/** Reads what an error of `guardedRequest`, or of reading its answer, means. */
export function failureOf(error: unknown, signal: AbortSignal): RequestFailure {
  if (signal.aborted) return { permanent: false, reason: 'it did not arrive in time' };
  const code = String((error as { code?: unknown }).code ?? 'unknown');
  const known = PERMANENT_CODES.find(([pattern]) => pattern.test(code));
  if (known !== undefined) return { permanent: true, reason: known[1] };
  return { permanent: false, reason: `the connection failed (${code})` };
}

const errorOf = (code: string): Error => Object.assign(new Error(code), { code });
