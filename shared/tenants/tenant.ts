import type { PauseState } from '../streams/stream-state.ts';
import type { TenantSettings } from '../streams/tenant-settings.ts';

/** A customer whose mail, keys, domains and suppressions are kept apart. */
export interface Tenant extends PauseState {
  readonly createdAt: string;
  readonly dailyRecipients?: number;
}

export const newTenant = (name: string, createdAt: string): Tenant => ({ name, status: 'active', createdAt });

/** Daily recipients of a tenant; undefined where nothing limits it. */
export const dailyRecipientsOf = (
  tenant: Pick<Tenant, 'dailyRecipients'>,
  settings: TenantSettings,
): number | undefined => tenant.dailyRecipients ?? settings.dailyRecipients;
