import { OPERATOR_TENANT } from '../base/tenant-name.ts';
import type { StreamSettings } from '../streams/stream-settings.ts';

/**
 * Mail that a suppression stops: `account` all, `tenant:acme` that of a tenant, `stream:news` and
 * `tenant:acme/stream:news` that of a stream with a list of its own. Names have neither `#` nor `@`, which
 * keys rely on.
 */
export type SuppressionScope = string;

export const ACCOUNT_SCOPE: SuppressionScope = 'account';

type ScopedStream = Pick<StreamSettings, 'name' | 'kind' | 'suppressionScope'>;

/** The list that bounces and complaints of a mail go to. */
export function scopeOf(tenant: string, stream: ScopedStream): SuppressionScope {
  return stream.suppressionScope === 'stream' ? streamScope(tenant, stream.name) : tenantScope(tenant);
}

/** Every list that is asked before a mail leaves: the account's, its tenant's, its stream's. */
export function scopesOf(tenant: string, stream: ScopedStream): readonly SuppressionScope[] {
  const ofStream = hasOwnList(stream) ? [streamScope(tenant, stream.name)] : [];
  return [...new Set([ACCOUNT_SCOPE, tenantScope(tenant), ...ofStream])];
}

/**
 * Tells whether a stream has its own list. A broadcast stream always does: a recipient who unsubscribes from
 * it still gets other mail. It is asked also where the stream adds no link any more, since links that were
 * sent never expire.
 */
export const hasOwnList = ({ kind, suppressionScope }: Omit<ScopedStream, 'name'>): boolean =>
  kind === 'broadcast' || suppressionScope === 'stream';

/** The operator's own list is that of the whole account. */
export const tenantScope = (tenant: string): SuppressionScope =>
  tenant === OPERATOR_TENANT ? ACCOUNT_SCOPE : `tenant:${tenant}`;

/** Tenant whose list it is. */
export const tenantOfScope = (scope: SuppressionScope): string =>
  /^tenant:([^/]+)/.exec(scope)?.[1] ?? OPERATOR_TENANT;

export const streamScope = (tenant: string, stream: string): SuppressionScope =>
  tenant === OPERATOR_TENANT ? `stream:${stream}` : `tenant:${tenant}/stream:${stream}`;
