import type { Log } from '../../../shared/base/ports.ts';
import type { DomainPages } from '../../../shared/domains/ports.ts';
import { isStale, maySend, type SendingDomain } from '../../../shared/domains/sending-domain.ts';
import { type RefreshDeps, refreshIdentity } from '../../../shared/domains/services/refresh-identity.ts';

interface RefreshDomainsDeps extends RefreshDeps {
  readonly pages: DomainPages;
  readonly log: Pick<Log, 'warn' | 'error'>;
}

/** Domains of a page, which costs half a read unit for every few of them, each minute. */
const PAGE = 25;
const REFRESH_AFTER_MS = 15 * 60_000;

/**
 * Asks SES about one domain at most, and goes round them all: SES takes about one such call a second from the
 * whole account. What fails is tried again in the next round; nothing waits for it.
 */
export function createRefreshDomains(deps: RefreshDomainsDeps): () => Promise<void> {
  let after: SendingDomain | undefined;

  return async () => {
    try {
      const { domains, isLast } = await deps.pages.page(after, PAGE);
      const nowEpochMs = deps.clock.nowEpochMs();
      const stale = domains.find((domain) => isStale(domain, nowEpochMs, REFRESH_AFTER_MS));
      after = stale ?? (isLast ? undefined : domains.at(-1));
      if (stale !== undefined) await refresh(stale, deps);
    } catch (error) {
      deps.log.error('domain_not_refreshed', { error });
    }
  };
}

async function refresh(domain: SendingDomain, deps: RefreshDomainsDeps): Promise<void> {
  const refreshed = await refreshIdentity(domain, deps);
  if (refreshed === undefined || !maySend(domain) || maySend(refreshed)) return;
  deps.log.warn('domain_lost_its_verification', { domainId: domain.domainId });
}
