import type { Pauses } from '../streams/ports.ts';
import type { Tenant } from './tenant.ts';

/** What tenants ask of the outside world. */

/** In the catalog. */
export interface Tenants extends Pauses {
  /** Strongly consistent. */
  read(name: string): Promise<Tenant | undefined>;
  /** By name. */
  list(): Promise<readonly Tenant[]>;
  /** False where there is one of this name. */
  putIfAbsent(tenant: Tenant): Promise<boolean>;
  /** Null: what the config says. False where there is no such tenant. */
  setDailyRecipients(name: string, recipients: number | null): Promise<boolean>;
}

/** What accepting mail asks of a tenant. */
export interface TenantLimits {
  /** Of its own; undefined where it has none. */
  dailyRecipients(name: string): Promise<number | undefined>;
}

export interface TenantUsage {
  /** Counts recipients, unless the day would then have more than so many: false. */
  take(tenant: string, day: string, recipients: number, atMost: number): Promise<boolean>;
  read(tenant: string, day: string): Promise<number>;
}

/** A tenant of SES. */
export interface SesTenant {
  readonly arn: string;
  readonly isDisabled: boolean;
}

export interface SesTenants {
  get(name: string): Promise<SesTenant | undefined>;
  /** The one that is there, where there is one. */
  create(name: string): Promise<SesTenant>;
  /** ARNs of what it may send with. */
  resourcesOf(name: string): Promise<readonly string[]>;
  associate(name: string, resourceArn: string): Promise<void>;
  /** Nothing where it is not associated. */
  dissociate(name: string, resourceArn: string): Promise<void>;
}
