import { nextDayEpochMs } from '../../shared/base/days.ts';
import type { Clock } from '../../shared/base/ports.ts';
import { OPERATOR_TENANT } from '../../shared/base/tenant-name.ts';
import type { SendJob } from '../../shared/messages/contract/queue-body.ts';
import { MAILBOX_PROVIDERS, providerOf } from '../../shared/pace/mailbox-provider.ts';
import type { MailboxProviders } from '../../shared/pace/ports.ts';
import type { Pacer } from '../../shared/pace/services/pacer.ts';
import type { PacedMail } from '../../shared/pace/spacing.ts';
import { type Wait, waitForPace, waitForPause, waitUntil } from '../../shared/sending/parking.ts';
import type { StreamStates } from '../../shared/streams/ports.ts';
import type { Streams } from '../../shared/streams/stream.ts';
import type { StreamSettings } from '../../shared/streams/stream-settings.ts';
import type { StreamState } from '../../shared/streams/stream-state.ts';
import type { Tenants } from '../../shared/tenants/ports.ts';
import { configurationSetFor } from '../../shared/warm-up/sending-route.ts';
import type { Allowance } from '../../shared/warm-up/services/allowance.ts';

export interface AdmitDeps {
  readonly streams: Streams;
  readonly streamStates: Pick<StreamStates, 'find'>;
  readonly tenants: Pick<Tenants, 'find'>;
  readonly pacer: Pacer;
  readonly allowance: Pick<Allowance, 'take' | 'isUsedUp'>;
  readonly providers: MailboxProviders;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly clock: Clock;
}

export type Admission =
  /** Its slot is that moment, at most so far away as claim and preparation take. */
  | {
      readonly kind: 'now';
      readonly configurationSet: string;
      readonly sendAtEpochMs: number;
      readonly perSecond: number;
    }
  | { readonly kind: 'wait'; readonly wait: Wait };

/** Claim and suppression lists, with time to spare. */
const PREPARATION_MS = 150;

/**
 * Whether a job may be claimed now, and which way its mail goes: its stream sends, SES's rate has room, and its pool takes
 * more today. Answers a little before its slot: what comes before SES takes longer for one mail than for another, and a
 * second that has too many of the late ones would be one that SES refuses.
 */
export async function admitJob(job: SendJob, deps: AdmitDeps): Promise<Admission> {
  const stream = deps.streams.byName(job.stream);
  const state = await deps.streamStates.find(stream.name);
  const pause = await findPause(job, deps);
  if (pause !== undefined) return waiting(pause);
  if (stream.warmUp?.waits && deps.allowance.isUsedUp(stream, state)) return waiting(untilTomorrow(deps));
  const turn = await deps.pacer.take(stream.name, pacedMail(job));
  if (turn.kind === 'later') return waiting(waitForPace(job, turn, deps.clock.nowEpochMs()));
  const sendAtEpochMs = deps.clock.nowEpochMs() + turn.afterMs;
  const configurationSet = await chooseSet(job, stream, state, deps);
  if (configurationSet === undefined) return waiting(untilTomorrow(deps));
  await deps.sleep(Math.max(0, sendAtEpochMs - PREPARATION_MS - deps.clock.nowEpochMs()));
  const pausedSince = await findPause(job, deps);
  if (pausedSince !== undefined) return waiting(pausedSince);
  return { kind: 'now', configurationSet, sendAtEpochMs, perSecond: turn.perSecond };
}

/**
 * How long a job waits because its stream or its tenant is paused; asked before its content is read, and once more before
 * its claim.
 */
export async function findPause(
  { stream, tenant }: SendJob,
  { streams, streamStates, tenants, clock }: PauseDeps,
): Promise<Wait | undefined> {
  const ofStream = await streamStates.find(streams.byName(stream).name);
  const nowEpochMs = clock.nowEpochMs();
  if (ofStream.status === 'paused') return waitForPause('stream_paused', ofStream.sinceEpochMs, nowEpochMs);
  if (tenant === OPERATOR_TENANT || streams.tenants === undefined) return undefined;
  const ofTenant = await tenants.find(tenant);
  if (ofTenant.status === 'active') return undefined;
  return waitForPause('tenant_paused', ofTenant.sinceEpochMs, nowEpochMs);
}

type PauseDeps = Pick<AdmitDeps, 'streams' | 'streamStates' | 'tenants' | 'clock'>;

function untilTomorrow({ clock }: Pick<AdmitDeps, 'clock'>): Wait {
  const nowEpochMs = clock.nowEpochMs();
  return waitUntil(nextDayEpochMs(nowEpochMs), nowEpochMs, 'allowance_used_up');
}

const waiting = (wait: Wait): Admission => ({ kind: 'wait', wait });

/** Only a standard pool has a volume for today. */
async function chooseSet(
  job: SendJob,
  stream: StreamSettings,
  state: StreamState,
  { allowance, providers }: AdmitDeps,
): Promise<string | undefined> {
  if (stream.pool !== 'standard') return stream.configurationSet;
  const domains = job.recipientDomains ?? [''];
  const found =
    stream.warmUp?.providers === undefined
      ? domains.map(providerOf)
      : await Promise.all(domains.map((domain) => providers.find(domain)));
  return configurationSetFor(stream, await allowance.take(stream, state, found));
}

/** Jobs of earlier versions do not say to whom they go. A mail to several providers waits for the largest of them. */
function pacedMail({ recipientDomains = [] }: SendJob): PacedMail {
  const recipients = Math.max(1, recipientDomains.length);
  const found = new Set(recipientDomains.map(providerOf));
  const provider = MAILBOX_PROVIDERS.find((each) => found.has(each));
  return { recipients, ...(provider === undefined ? {} : { provider }) };
}
