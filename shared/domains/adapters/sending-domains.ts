import type { Clock } from '../../base/ports.ts';
import { domainIdOf } from '../domain-id.ts';
import type { SendingDomains, VerifiedDomain } from '../ports.ts';
import { maySend } from '../sending-domain.ts';
import { type DomainsTableOptions, readDomain } from './domains-table.ts';

interface SendingDomainsOptions extends DomainsTableOptions {
  /** Domains of postlane.config.ts: lower-cased, in punycode. */
  readonly configured: readonly string[];
  readonly clock: Clock;
}

/**
 * Time that a domain is remembered. One that lost its verification sends no more within 60 s; ten of them are
 * for the read itself.
 */
const REMEMBERED_FOR_MS = 50_000;

/**
 * Domains that may send. Only those that may are remembered: one that was verified a moment ago sends at once, and names
 * that callers make up take no memory.
 */
export function createSendingDomains(options: SendingDomainsOptions): SendingDomains {
  const { client, tableName, clock } = options;
  const configured = new Set(options.configured);
  const remembered = new Map<string, { readonly domain: VerifiedDomain; readonly readAtEpochMs: number }>();

  return {
    async find(tenant, name) {
      if (configured.has(name)) return { name };
      const nowEpochMs = clock.nowEpochMs();
      const key = `${tenant}#${name}`;
      const known = remembered.get(key);
      if (known && Math.abs(nowEpochMs - known.readAtEpochMs) < REMEMBERED_FOR_MS) return known.domain;

      const read = await readDomain(client, tableName, tenant, domainIdOf(name), false);
      if (read === undefined || !maySend(read)) {
        remembered.delete(key);
        return undefined;
      }
      const { openTracking, clickTracking } = read.settings;
      const domain = { name, tracking: { opens: openTracking, clicks: clickTracking } };
      remembered.set(key, { domain, readAtEpochMs: nowEpochMs });
      return domain;
    },
  };
}
