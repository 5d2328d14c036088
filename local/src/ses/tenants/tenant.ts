export type SendingStatus = 'ENABLED' | 'DISABLED' | 'REINSTATED';

/** A tenant of the account, as it is at the moment. */
export interface SesTenant {
  readonly name: string;
  /** Id of `tn-` and 30 hexadecimal digits. */
  readonly id: string;
  readonly arn: string;
  readonly createdAtEpochMs: number;
  /** Status set by the account holder. */
  readonly customerStatus: SendingStatus;
  /** Status set by SES for the tenant's reputation. */
  readonly sesStatus: SendingStatus;
  readonly suppression?: TenantSuppression;
  /** ARNs of identities and configuration sets that it may send with. */
  readonly resources: readonly string[];
}

export interface TenantSuppression {
  readonly SuppressedReasons: readonly string[];
  readonly SuppressionScope: string;
}

/** Status of a tenant: either side's no holds. */
export function statusOf({ customerStatus, sesStatus }: SesTenant): SendingStatus {
  const both = [customerStatus, sesStatus];
  if (both.includes('DISABLED')) return 'DISABLED';
  return both.includes('REINSTATED') ? 'REINSTATED' : 'ENABLED';
}

export const isSendingStatus = (value: unknown): value is SendingStatus =>
  value === 'ENABLED' || value === 'DISABLED' || value === 'REINSTATED';

export const tenantArn = (base: string, name: string, id: string): string => `${base}:tenant/${name}/${id}`;
