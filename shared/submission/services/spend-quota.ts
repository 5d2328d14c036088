import { ContractError, unavailable } from '../../base/contract/errors.ts';
import type { Spending } from '../../tenants/services/tenant-quota.ts';
import { type Reserved, recipientCountOf, type Submission } from '../submission.ts';
import type { AcceptDeps } from './accept-deps.ts';
import { releaseReservation } from './reserve.ts';

type Deps = Pick<AcceptDeps, 'quota' | 'messages' | 'clock' | 'ids' | 'log' | 'settings'>;

/**
 * Counts the recipients of a new request before anything of it is stored. One that fails later has used its share.
 * @throws ContractError 429 where the tenant's day has no room for all of them; the idempotency key is free again
 */
export async function spendQuota(
  submission: Submission,
  reservation: Reserved,
  tenant: string,
  deps: Deps,
): Promise<void> {
  const spending = await spend(tenant, recipientCountOf(submission), deps).catch(async (error: unknown) => {
    await releaseReservation(reservation, deps);
    throw error;
  });
  if (spending.kind === 'within') return;
  await releaseReservation(reservation, deps);
  const { dailyRecipients, againInSeconds } = spending;
  const message = `This tenant may send to ${dailyRecipients} recipients a day (UTC), and this request goes beyond that.`;
  const headers = { 'retry-after': String(againInSeconds) };
  throw new ContractError(429, 'daily_quota_exceeded', message, { headers });
}

async function spend(tenant: string, recipients: number, { quota }: Deps): Promise<Spending> {
  try {
    return await quota.spend(tenant, recipients);
  } catch (cause) {
    throw unavailable('The daily quota cannot be checked at the moment; nothing was stored.', cause);
  }
}
