import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Ranges that nothing is fetched from and no webhook is called at: everything that is not a unicast address of the public Internet. */
const BLOCKED: readonly (readonly [cidr: string, reason: string])[] = [
  ['0.0.0.0/8', 'of this network (RFC 1122)'],
  ['10.0.0.0/8', 'private (RFC 1918)'],
  ['100.64.0.0/10', 'of a carrier NAT (RFC 6598)'],
  ['127.0.0.0/8', 'loopback (RFC 1122)'],
  // Instance metadata, container credentials and the endpoints inside a Lambda sandbox are all in here.
  ['169.254.0.0/16', 'link-local (RFC 3927)'],
  ['172.16.0.0/12', 'private (RFC 1918)'],
  ['192.0.0.0/24', 'for protocol assignments (RFC 6890)'],
  ['192.0.2.0/24', 'for documentation (RFC 5737)'],
  ['192.88.99.0/24', 'of a 6to4 relay (RFC 7526)'],
  ['192.168.0.0/16', 'private (RFC 1918)'],
  ['198.18.0.0/15', 'for benchmarking (RFC 2544)'],
  ['198.51.100.0/24', 'for documentation (RFC 5737)'],
  ['203.0.113.0/24', 'for documentation (RFC 5737)'],
  ['224.0.0.0/4', 'multicast (RFC 5771)'],
  ['240.0.0.0/4', 'reserved (RFC 1112)'],

  ['::/128', 'unspecified (RFC 4291)'],
  ['::1/128', 'loopback (RFC 4291)'],
  ['::/96', 'IPv4-compatible (RFC 4291)'],
  // Refused whole, with any address that they embed: a public name has an A record for its IPv4 address.
  ['::ffff:0:0/96', 'IPv4-mapped (RFC 4291)'],
  ['::ffff:0:0:0/96', 'IPv4-translated (RFC 2765)'],
  ['64:ff9b::/96', 'of a NAT64 (RFC 6052)'],
  ['64:ff9b:1::/48', 'of a local NAT64 (RFC 8215)'],
  ['100::/64', 'discarded (RFC 6666)'],
  ['100:0:0:1::/64', 'a dummy (RFC 9780)'],
  ['2001::/32', 'of Teredo (RFC 4380)'],
  ['2001:2::/48', 'for benchmarking (RFC 5180)'],
  ['2001::/23', 'for protocol assignments (RFC 2928)'],
  ['2001:db8::/32', 'for documentation (RFC 3849)'],
  ['2002::/16', 'of 6to4 (RFC 3056)'],
  ['3fff::/20', 'for documentation (RFC 9637)'],
  ['5f00::/16', 'of segment routing (RFC 9602)'],
  ['fc00::/7', 'private (RFC 4193)'],
  ['fe80::/10', 'link-local (RFC 4291)'],
  ['fec0::/10', 'site-local (RFC 3879)'],
  ['ff00::/8', 'multicast (RFC 4291)'],
  // What remains outside 2000::/3, the only part that is allocated to global unicast (RFC 4291 section 2.4).
  ['::/3', 'not global unicast (RFC 4291)'],
  ['4000::/2', 'not global unicast (RFC 4291)'],
  ['8000::/1', 'not global unicast (RFC 4291)'],
];

/** Names that never mean a public host: RFC 6761, RFC 6762 with its appendix G, RFC 7686, RFC 8375. */
const PRIVATE_SUFFIXES = [
  'localhost',
  'local',
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'lan',
  'home.arpa',
  'onion',
];

const MAX_URL_LENGTH = 2048;

interface BlockedRange {
  readonly reason: string;
  contains(ip: string): boolean;
}

// One list per family: `BlockList` matches an IPv4 address against the mapped range, which would refuse all of them.
const BLOCKED_IPV4 = rangesOf('ipv4');
const BLOCKED_IPV6 = rangesOf('ipv6');

/**
 * @param ip an IPv4 or IPv6 address in text form
 * @returns why nothing may be fetched from it, as the end of "the address …"; undefined for a public address
 */
export function addressProblem(ip: string): string | undefined {
  // `fe80::1%eth0`: a zone makes sense on this machine's own links only (RFC 4007).
  if (ip.includes('%')) return 'is bound to a zone';
  if (!isIPv4(ip) && !isIPv6(ip)) return 'is not an IP address';
  const ranges = isIPv4(ip) ? BLOCKED_IPV4 : BLOCKED_IPV6;
  const range = ranges.find(({ contains }) => contains(ip));
  return range && `is ${range.reason}`;
}

/**
 * Ports that webhooks are called at. Another port is far more often a service inside a network than an
 * endpoint.
 */
export const WEBHOOK_PORTS: readonly number[] = [443, 8443];

const HTTPS_PORT = 443;

/**
 * Judges an attachment's URL by its text alone; what its name resolves to is judged at the connection.
 * @returns why it may not be fetched, as the end of "the URL …"; undefined where it may
 */
export function attachmentUrlProblem(url: string): string | undefined {
  const parsed = parseUrl(url);
  return typeof parsed === 'string' ? parsed : publicUrlProblem(parsed, [HTTPS_PORT]);
}

/**
 * Judges a webhook's endpoint by its text alone, as `attachmentUrlProblem` does.
 * @param isLocalAllowed `http` to `127.0.0.1` or `localhost`, at any port, may be called as well
 * @returns why it may not be called, as the end of "the URL …"; undefined where it may
 */
export function webhookUrlProblem(
  url: string,
  { isLocalAllowed }: { readonly isLocalAllowed: boolean },
): string | undefined {
  const parsed = parseUrl(url);
  if (typeof parsed === 'string') return parsed;
  // Also an empty one: an endpoint is never sent it, and its author believes that it is.
  if (url.includes('#')) return 'contains a fragment';
  if (isLocalAllowed && isLocalEndpoint(parsed)) return credentialsProblem(parsed);
  return publicUrlProblem(parsed, WEBHOOK_PORTS);
}

/** An endpoint on this machine, after parsing: `http://2130706433/` is one, `http://localhost./` is not. */
export const isLocalEndpoint = ({ protocol, hostname }: URL): boolean =>
  protocol === 'http:' && (hostname === '127.0.0.1' || hostname === 'localhost');

/** @returns the problem where there is no URL */
function parseUrl(url: string): URL | string {
  if (url.length > MAX_URL_LENGTH) return `is longer than ${MAX_URL_LENGTH} characters`;
  // The URL parser would drop tabs and line feeds, and turn other blanks into something that was not written.
  if (hasBlankOrControl(url)) return 'contains a blank or a control character';
  return URL.parse(url) ?? 'is not a URL';
}

function publicUrlProblem(url: URL, ports: readonly number[]): string | undefined {
  if (url.protocol !== 'https:') return 'does not use https';
  const credentials = credentialsProblem(url);
  if (credentials !== undefined) return credentials;
  const port = url.port === '' ? HTTPS_PORT : Number(url.port);
  if (!ports.includes(port)) return `names a port other than ${ports.join(' or ')}`;
  return hostProblem(url.hostname);
}

const credentialsProblem = ({ username, password }: URL): string | undefined =>
  username === '' && password === '' ? undefined : 'contains credentials';

/**
 * Problem of a host. The URL parser has already made one notation of the many: `0x7f.1`, `2130706433` and
 * `017700000001` are `127.0.0.1`.
 */
function hostProblem(hostname: string): string | undefined {
  const literal = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  if (isIPv4(literal) || isIPv6(literal)) {
    const problem = addressProblem(literal);
    return problem && `names an address that ${problem}`;
  }
  if (hostname.endsWith('.')) return 'names a host with a trailing dot';
  if (!hostname.includes('.') || PRIVATE_SUFFIXES.some((suffix) => `.${hostname}`.endsWith(`.${suffix}`))) {
    return 'does not name a public host';
  }
  return undefined;
}

function hasBlankOrControl(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code <= 32 || code === 127) return true;
  }
  return false;
}

function rangesOf(family: 'ipv4' | 'ipv6'): readonly BlockedRange[] {
  const rows = BLOCKED.filter(([cidr]) => cidr.includes(':') === (family === 'ipv6'));
  return rows.map(([cidr, reason]) => {
    const [network = '', prefix = ''] = cidr.split('/');
    const list = new BlockList();
    list.addSubnet(network, Number(prefix), family);
    return { reason, contains: (ip) => list.check(ip, family) };
  });
}
