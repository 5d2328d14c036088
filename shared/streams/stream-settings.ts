import type { MailTracking } from '../mail/tracking.ts';
import type { TenantSettings } from './tenant-settings.ts';

type StreamKind = 'transactional' | 'broadcast';

type PoolKind = 'shared' | 'managed' | 'standard';

export type MailboxProvider = 'gmail' | 'microsoft' | 'yahoo' | 'apple' | 'rest';

/**
 * Recipients a day: growing by a factor up to a target, or a volume for each day and the last one from then
 * on.
 */
export type WarmUpPlan =
  | { readonly start: number; readonly growth: number; readonly target: number }
  | readonly number[];

/** A stream of mail, as the template tells the functions. */
export interface StreamSettings {
  readonly name: string;
  readonly kind: StreamKind;
  readonly pool: PoolKind;
  /** Share of SES's send rate. */
  readonly ratePercent: number;
  readonly concurrency: number;
  readonly queueUrl: string;
  /** Configuration set of its own pool, or of SES's shared one. */
  readonly configurationSet: string;
  /** Dedicated pool; absent on shared addresses. */
  readonly poolName?: string;
  /** Configuration set of mail that is sent while the pool has no address yet; standard pools only. */
  readonly sharedConfigurationSet?: string;
  /** Configuration set of mail above the day's volume; absent where that waits for tomorrow. */
  readonly overflowConfigurationSet?: string;
  readonly warmUp?: {
    readonly plan: WarmUpPlan;
    readonly providers?: Readonly<Partial<Record<MailboxProvider, WarmUpPlan>>>;
    readonly waits: boolean;
  };
  /** Days that its content is kept; 0 keeps nothing once it is sent. */
  readonly keepDays: number;
  readonly suppressionScope: 'account' | 'stream';
  /** Tracking of a mail that says nothing; absent where none is ever tracked. */
  readonly tracking?: MailTracking;
  /** Switch for broadcast streams: false where their mail leaves without a link that ends it. */
  readonly unsubscribe?: boolean;
  readonly guard: { readonly bouncePercent: number; readonly complaintPercent: number };
  /** True if its events go to the event bus as well. */
  readonly eventBus?: boolean;
}

/** The value of `STREAMS`, as JSON. */
export interface StreamsSettings {
  /** Stream for mail that names none. */
  readonly defaultStream: string;
  readonly streams: readonly StreamSettings[];
  /** Name of the event bus; absent where no stream's events go there. */
  readonly eventBusName?: string;
  /** Settings of tenants; absent where there are none. */
  readonly tenants?: TenantSettings;
}
