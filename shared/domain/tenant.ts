import type { PauseState } from './stream-state.ts';

/** What postlane.config.ts says of tenants, where it lets them be. */
export interface TenantSettings {
  /** Recipients a day (UTC) of a tenant that nothing else is said of. */
  readonly dailyRecipients?: number;
  readonly guard: { readonly bouncePercent: number; readonly complaintPercent: number };
}

/** Somebody whose mail, keys, domains and suppressions are kept apart. */
export interface Tenant extends PauseState {
  readonly createdAt: string;
  readonly dailyRecipients?: number;
}

/** As SES takes it, without capitals: two tenants must not look the same. */
const NAME = /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/;

/** The tenant of whoever owns the AWS account: its first API key is made for it. SES knows nothing of it. */
export const OPERATOR_TENANT = 'default';

export const isTenantName = (text: string): boolean => NAME.test(text) && text !== OPERATOR_TENANT;

export const newTenant = (name: string, createdAt: string): Tenant => ({ name, status: 'active', createdAt });

/** Undefined where nothing limits it. */
export const dailyRecipientsOf = (
  tenant: Pick<Tenant, 'dailyRecipients'>,
  settings: TenantSettings,
): number | undefined => tenant.dailyRecipients ?? settings.dailyRecipients;
