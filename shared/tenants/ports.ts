import type { Pauses } from '../streams/ports.ts';
import type { Tenant } from './tenant.ts';

/** Ports that tenants ask of the outside world. */

/** Tenants in the catalog. */
export interface Tenants extends Pauses {
  /** Reads a tenant, strongly consistent. */
  read(name: string): Promise<Tenant | undefined>;
  /** Lists tenants by name. */
  list(): Promise<readonly Tenant[]>;
  /** Stores a tenant; false where there is one of this name. */
  putIfAbsent(tenant: Tenant): Promise<boolean>;
  /** Sets the daily recipients; null: what the config says. False where there is no such tenant. */
  setDailyRecipients(name: string, recipients: number | null): Promise<boolean>;
}

/** Limits of a tenant that accepting mail asks for. */
export interface TenantLimits {
  /** Daily recipients of its own; undefined where it has none. */
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
  /** Creates a tenant; answers the one that is there, where there is one. */
  create(name: string): Promise<SesTenant>;
  /** Lists ARNs of what it may send with. */
  resourcesOf(name: string): Promise<readonly string[]>;
  associate(name: string, resourceArn: string): Promise<void>;
  /** Ends an association; does nothing where there is none. */
  dissociate(name: string, resourceArn: string): Promise<void>;
}
