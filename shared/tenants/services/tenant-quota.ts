import { dayOf, nextDayEpochMs } from '../../base/days.ts';
import type { Clock } from '../../base/ports.ts';
import { OPERATOR_TENANT } from '../../base/tenant-name.ts';
import type { TenantSettings } from '../../streams/tenant-settings.ts';
import type { TenantLimits, TenantUsage } from '../ports.ts';

export type Spending =
  | { readonly kind: 'within' }
  | { readonly kind: 'beyond'; readonly dailyRecipients: number; readonly againInSeconds: number };

export interface TenantQuota {
  /** @throws what the stores throw; nothing was counted then, as far as is known */
  spend(tenant: string, recipients: number): Promise<Spending>;
}

interface TenantQuotaDeps {
  readonly settings: TenantSettings | undefined;
  readonly limits: TenantLimits;
  readonly usage: Pick<TenantUsage, 'take'>;
  readonly clock: Clock;
}

const WITHIN: Spending = { kind: 'within' };

/**
 * Creates the quota: one conditional write for each request of a tenant that has a limit; nothing for any
 * other tenant.
 */
export function createTenantQuota({ settings, limits, usage, clock }: TenantQuotaDeps): TenantQuota {
  return {
    async spend(tenant, recipients) {
      if (settings === undefined || tenant === OPERATOR_TENANT) return WITHIN;
      const dailyRecipients = (await limits.dailyRecipients(tenant)) ?? settings.dailyRecipients;
      if (dailyRecipients === undefined) return WITHIN;
      const nowEpochMs = clock.nowEpochMs();
      if (await usage.take(tenant, dayOf(nowEpochMs), recipients, dailyRecipients)) return WITHIN;
      const againInSeconds = Math.ceil((nextDayEpochMs(nowEpochMs) - nowEpochMs) / 1000);
      return { kind: 'beyond', dailyRecipients, againInSeconds };
    },
  };
}
