import { Resolver } from 'node:dns/promises';
import type { DnsAnswer } from '../dns-records.ts';
import type { DnsLookup } from '../ports.ts';

interface DnsResolverOptions {
  /** Servers, `address:port` each; without it those of the machine. */
  readonly servers?: readonly string[];
  /** Time-out of the first of two attempts; the second one waits longer. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 1_500;
const TRIES = 2;

/** The name or the type is not there: an answer, and not a failure (RFC 2308). */
const NO_SUCH_RECORD: readonly unknown[] = ['ENOTFOUND', 'ENODATA'];

/** Looks records up. Any failure that keeps a server from answering makes the answer `unknown`. */
export function createDnsResolver({ servers, timeoutMs = TIMEOUT_MS }: DnsResolverOptions = {}): DnsLookup {
  const resolver = new Resolver({ timeout: timeoutMs, tries: TRIES });
  if (servers !== undefined) resolver.setServers(servers);

  return {
    async lookUp({ fullName, type }) {
      try {
        return { kind: 'answered', values: await LOOK_UP[type](resolver, fullName) };
      } catch (error) {
        return failureOf(error);
      }
    },
  };
}

const LOOK_UP: Readonly<
  Record<'CNAME' | 'MX' | 'TXT', (resolver: Resolver, name: string) => Promise<string[]>>
> = {
  CNAME: async (resolver, name) => (await resolver.resolveCname(name)).map(tidyName),
  MX: async (resolver, name) =>
    (await resolver.resolveMx(name)).map(({ priority, exchange }) => `${priority} ${tidyName(exchange)}`),
  TXT: async (resolver, name) => (await resolver.resolveTxt(name)).map((parts) => parts.join('')),
};

const tidyName = (name: string): string => name.toLowerCase().replace(/\.$/, '');

function failureOf(error: unknown): DnsAnswer {
  const { code } = error as { code?: unknown };
  if (NO_SUCH_RECORD.includes(code)) return { kind: 'answered', values: [] };
  return { kind: 'unknown', reason: REASONS[String(code)] ?? 'no server answered' };
}

const REASONS: Readonly<Record<string, string>> = {
  ETIMEOUT: 'timed out',
  ESERVFAIL: 'the server failed (SERVFAIL)',
  EREFUSED: 'the server refused the question',
};
