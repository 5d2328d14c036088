import type { MailTracking } from '../mail/tracking.ts';
import type { TenantSettings } from './tenant-settings.ts';

type StreamKind = 'transactional' | 'broadcast';

type PoolKind = 'shared' | 'managed' | 'standard';

export type MailboxProvider = 'gmail' | 'microsoft' | 'yahoo' | 'apple' | 'rest';

/** Recipients a day: growing by a factor up to a target, or a volume for each day and the last one from then on. */
export type WarmUpPlan =
  | { readonly start: number; readonly growth: number; readonly target: number }
  | readonly number[];

/** A stream of mail, as the template tells the functions. */
export interface StreamSettings {
  readonly name: string;
  readonly kind: StreamKind;
  readonly pool: PoolKind;
  /** Its part of SES's send rate. */
  readonly ratePercent: number;
  readonly concurrency: number;
  readonly queueUrl: string;
  /** Of its own pool, or of SES's shared one. */
  readonly configurationSet: string;
  /** Dedicated; absent on shared addresses. */
  readonly poolName?: string;
  /** Standard pools only: what is sent while the pool has no address yet. */
  readonly sharedConfigurationSet?: string;
  /** What is above the day's volume; absent where that waits for tomorrow. */
  readonly overflowConfigurationSet?: string;
  readonly warmUp?: {
    readonly plan: WarmUpPlan;
    readonly providers?: Readonly<Partial<Record<MailboxProvider, WarmUpPlan>>>;
    readonly waits: boolean;
  };
  /** Days that its content is kept; 0 keeps nothing once it is sent. */
  readonly keepDays: number;
  readonly suppressionScope: 'account' | 'stream';
  /** What a mail gets that says nothing; absent where none is ever tracked. */
  readonly tracking?: MailTracking;
  /** Broadcast streams only: false where their mail leaves without a link that ends it. */
  readonly unsubscribe?: boolean;
  readonly guard: { readonly bouncePercent: number; readonly complaintPercent: number };
  /** Its events go to the event bus as well. */
  readonly eventBus?: boolean;
}

/** The value of `STREAMS`, as JSON. */
export interface StreamsSettings {
  /** Takes the mail that names no stream. */
  readonly defaultStream: string;
  readonly streams: readonly StreamSettings[];
  /** Absent where no stream's events go there. */
  readonly eventBusName?: string;
  /** Absent where there are none. */
  readonly tenants?: TenantSettings;
}
