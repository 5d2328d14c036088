import { type MxRecord, Resolver } from 'node:dns';
import { promisify } from 'node:util';
import { MS_PER_HOUR } from '../../base/durations.ts';
import type { Clock } from '../../base/ports.ts';
import type { MailboxProvider } from '../../streams/stream-settings.ts';
import { providerOf, providerOfMx } from '../mailbox-provider.ts';
import type { MailboxProviders } from '../ports.ts';

const TIMEOUT_MS = 1_000;
const KNOWN_FOR_MS = MS_PER_HOUR;
const UNKNOWN_FOR_MS = 600_000;
const MAX_DOMAINS = 2_000;

type ResolveMx = (domain: string) => Promise<readonly MxRecord[]>;

interface MxLookupOptions {
  readonly clock: Clock;
  /** Servers, `address:port` each; without it those of the machine. */
  readonly servers?: readonly string[];
  readonly resolveMx?: ResolveMx;
}

interface Known {
  readonly provider: MailboxProvider;
  readonly untilEpochMs: number;
}

/**
 * Providers by the table of their own domains, and by MX for all others: cached for an hour, and for ten
 * minutes where no answer came. Never throws; a domain that is not known in a second is `rest`.
 */
export function createMxLookup({
  clock,
  servers,
  resolveMx = resolverOf(servers),
}: MxLookupOptions): MailboxProviders {
  const cache = new Map<string, Known>();
  const asking = new Map<string, Promise<MailboxProvider>>();

  const ask = async (domain: string): Promise<MailboxProvider> => {
    const found = await answerOf(resolveMx, domain);
    const untilEpochMs = clock.nowEpochMs() + (found === undefined ? UNKNOWN_FOR_MS : KNOWN_FOR_MS);
    remember(cache, domain, { provider: found ?? 'rest', untilEpochMs });
    return found ?? 'rest';
  };

  return {
    async find(domain) {
      const own = providerOf(domain);
      if (own !== 'rest') return own;
      const known = cache.get(domain);
      if (known !== undefined && isFresh(known, clock.nowEpochMs())) {
        remember(cache, domain, known);
        return known.provider;
      }
      const answer = asking.get(domain) ?? ask(domain).finally(() => asking.delete(domain));
      asking.set(domain, answer);
      return answer;
    },
  };
}

/** Tells whether an answer is fresh: a clock that was set back must not keep one for ever. */
const isFresh = ({ untilEpochMs }: Known, nowEpochMs: number): boolean =>
  nowEpochMs < untilEpochMs && untilEpochMs <= nowEpochMs + KNOWN_FOR_MS;

/**
 * Remembers an answer. A `Map` keeps the order of setting: the first one is the one that was not asked for
 * longest.
 */
function remember(cache: Map<string, Known>, domain: string, known: Known): void {
  cache.delete(domain);
  cache.set(domain, known);
  if (cache.size <= MAX_DOMAINS) return;
  for (const oldest of cache.keys()) {
    cache.delete(oldest);
    return;
  }
}

async function answerOf(resolveMx: ResolveMx, domain: string): Promise<MailboxProvider | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, TIMEOUT_MS, undefined);
  });
  try {
    const records = await Promise.race([resolveMx(domain), silence]);
    return records && providerOfMx(records.toSorted(byPriority).map(({ exchange }) => exchange));
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

const byPriority = (one: MxRecord, other: MxRecord): number => one.priority - other.priority;

function resolverOf(servers: readonly string[] | undefined): ResolveMx {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 });
  if (servers !== undefined) resolver.setServers(servers);
  return promisify(resolver.resolveMx.bind(resolver));
}
