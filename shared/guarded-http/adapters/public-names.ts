import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';

/** Time-out of the first of two tries; the second one waits longer. */
const TIMEOUT_MS = 1_500;
const TRIES = 2;

interface PublicNamesOptions {
  /** Servers, `address:port` each; without it those of the machine. */
  readonly servers?: readonly string[];
  readonly timeoutMs?: number;
}

/**
 * Every address of a name, asked of DNS itself. `dns.lookup` asks the machine, on one of the four threads that a process
 * has for it: four names whose servers are silent keep all others waiting.
 */
export function createPublicNames({
  servers,
  timeoutMs = TIMEOUT_MS,
}: PublicNamesOptions = {}): (hostname: string) => Promise<readonly LookupAddress[]> {
  const resolver = new Resolver({ timeout: timeoutMs, tries: TRIES });
  if (servers !== undefined) resolver.setServers(servers);

  return async (hostname) => {
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const found = [...addressesOf(v4, 4), ...addressesOf(v6, 6)];
    if (found.length > 0) return found;
    throw unanswered(v4) ?? unanswered(v6) ?? Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
  };
}

const addressesOf = (answer: PromiseSettledResult<string[]>, family: number): readonly LookupAddress[] =>
  answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family })) : [];

/** The name or the type is not there: an answer, and not a failure (RFC 2308). */
const NO_SUCH_RECORD: readonly unknown[] = ['ENOTFOUND', 'ENODATA'];

const unanswered = (answer: PromiseSettledResult<string[]>): unknown =>
  answer.status === 'rejected' && !NO_SUCH_RECORD.includes((answer.reason as { code?: unknown }).code)
    ? answer.reason
    : undefined;
