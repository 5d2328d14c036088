import type { SendJob } from '../../shared/contract/queue-body.ts';
import type { Allowance } from '../../shared/domain/allowance.ts';
import { providerOf } from '../../shared/domain/mailbox-provider.ts';
import type { Pacer } from '../../shared/domain/pacer.ts';
import type { Clock } from '../../shared/domain/ports.ts';
import { delaySecondsUntil } from '../../shared/domain/retry-schedule.ts';
import type { MailboxProviders, StreamStates } from '../../shared/domain/sending-ports.ts';
import { configurationSetFor } from '../../shared/domain/sending-route.ts';
import type { PacedMail } from '../../shared/domain/spacing.ts';
import type { StreamSettings, Streams } from '../../shared/domain/stream.ts';
import type { StreamState } from '../../shared/domain/stream-state.ts';
import { nextDayEpochMs } from '../../shared/domain/warm-up.ts';

export interface AdmitDeps {
  readonly streams: Streams;
  readonly streamStates: Pick<StreamStates, 'find'>;
  readonly pacer: Pacer;
  readonly allowance: Pick<Allowance, 'take'>;
  readonly providers: MailboxProviders;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly clock: Clock;
}

export type Admission =
  | { readonly kind: 'now'; readonly configurationSet: string }
  /** A copy of the job is to come back then. */
  | { readonly kind: 'later'; readonly delaySeconds: number; readonly reason: string };

/** How long after a stream goes on its mail may still wait; each look costs three requests of the queue. */
const LOOK_AT_PAUSE_SECONDS = 60;

/**
 * Whether a job may be claimed now, and which way its mail goes: its stream sends, SES's rate has room, and its pool takes
 * more today. Answers when its slot has come.
 */
export async function admitJob(job: SendJob, deps: AdmitDeps): Promise<Admission> {
  const stream = deps.streams.of(job.stream);
  const state = await deps.streamStates.find(stream.name);
  if (state.status === 'paused') {
    return { kind: 'later', delaySeconds: LOOK_AT_PAUSE_SECONDS, reason: 'stream_paused' };
  }
  const turn = await deps.pacer.take(stream.name, pacedMail(job));
  if (turn.kind === 'later') return turn;
  const configurationSet = await chooseSet(job, stream, state, deps);
  if (configurationSet === undefined) {
    const nowEpochMs = deps.clock.nowEpochMs();
    const delaySeconds = delaySecondsUntil(nextDayEpochMs(nowEpochMs), nowEpochMs);
    return { kind: 'later', delaySeconds, reason: 'allowance_used_up' };
  }
  await deps.sleep(turn.afterMs);
  return { kind: 'now', configurationSet };
}

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

/** Jobs of earlier versions do not say to whom they go. A mail to several providers is held back by none of them. */
function pacedMail({ recipientDomains = [] }: SendJob): PacedMail {
  const recipients = Math.max(1, recipientDomains.length);
  const [provider, ...others] = new Set(recipientDomains.map(providerOf));
  return { recipients, ...(provider === undefined || others.length > 0 ? {} : { provider }) };
}
