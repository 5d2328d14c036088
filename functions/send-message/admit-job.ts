import { nextDayEpochMs } from '../../shared/base/days.ts';
import { defined } from '../../shared/base/defined.ts';
import type { Clock } from '../../shared/base/ports.ts';
import type { SendJob } from '../../shared/messages/contract/queue-body.ts';
import { MAILBOX_PROVIDERS, providerOf } from '../../shared/pace/mailbox-provider.ts';
import type { MailboxProviders } from '../../shared/pace/ports.ts';
import type { Pacer } from '../../shared/pace/services/pacer.ts';
import type { PacedMail } from '../../shared/pace/spacing.ts';
import { waitForPace, waitUntil } from '../../shared/sending/deferral.ts';
import type { StreamStates } from '../../shared/streams/ports.ts';
import type { Streams } from '../../shared/streams/stream.ts';
import type { StreamSettings } from '../../shared/streams/stream-settings.ts';
import type { StreamState } from '../../shared/streams/stream-state.ts';
import { configurationSetFor } from '../../shared/warm-up/sending-route.ts';
import type { Allowance } from '../../shared/warm-up/services/allowance.ts';
import type { CheckPause } from './check-job.ts';
import type { Step } from './exit.ts';

export interface AdmitDeps {
  readonly streams: Streams;
  readonly streamStates: Pick<StreamStates, 'find'>;
  readonly checkPause: CheckPause;
  readonly pacer: Pacer;
  readonly allowance: Pick<Allowance, 'take' | 'isUsedUp'>;
  readonly providers: MailboxProviders;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly clock: Clock;
}

/** Which way a mail goes, and its slot: that moment, at most so far away as claim and preparation take. */
export interface Admission {
  readonly configurationSet: string;
  readonly sendAtEpochMs: number;
  readonly perSecond: number;
}

/** Claim and suppression lists, with time to spare. */
const PREPARATION_MS = 150;

/**
 * Decides whether a job may be claimed now: SES's rate has room, its pool takes more today, and nothing has paused it
 * meanwhile. Answers a little before its slot: what comes before SES takes longer for one mail than for another, and a
 * second that has too many of the late ones would be one that SES refuses.
 */
export function createAdmitJob(deps: AdmitDeps) {
  return async (job: SendJob): Promise<Step<Admission>> => {
    const stream = deps.streams.byName(job.stream);
    const state = await deps.streamStates.find(stream.name);
    if (stream.warmUp?.waits && deps.allowance.isUsedUp(stream, state)) return waitForTomorrow(deps);
    const turn = await deps.pacer.take(stream.name, pacedMail(job));
    if (turn.kind === 'later') return waitForPace(job, turn, deps.clock.nowEpochMs());
    const sendAtEpochMs = deps.clock.nowEpochMs() + turn.afterMs;
    const configurationSet = await chooseSet(job, stream, state, deps);
    if (configurationSet === undefined) return waitForTomorrow(deps);
    await deps.sleep(Math.max(0, sendAtEpochMs - PREPARATION_MS - deps.clock.nowEpochMs()));
    const pause = await deps.checkPause(job);
    if (pause.kind !== 'send') return pause;
    return { kind: 'send', configurationSet, sendAtEpochMs, perSecond: turn.perSecond };
  };
}

function waitForTomorrow({ clock }: Pick<AdmitDeps, 'clock'>) {
  const nowEpochMs = clock.nowEpochMs();
  return waitUntil(nextDayEpochMs(nowEpochMs), nowEpochMs, 'allowance_used_up');
}

/** Only a standard pool has a volume for today. */
async function chooseSet(
  job: SendJob,
  stream: StreamSettings,
  state: StreamState,
  { allowance, providers }: AdmitDeps,
): Promise<string | undefined> {
  if (stream.pool !== 'standard') return stream.configurationSet;
  const domains = job.recipientDomains;
  const found =
    stream.warmUp?.providers === undefined
      ? domains.map(providerOf)
      : await Promise.all(domains.map((domain) => providers.find(domain)));
  return configurationSetFor(stream, await allowance.take(stream, state, found));
}

/** A mail to several providers waits for the largest of them. */
function pacedMail({ recipientDomains }: SendJob): PacedMail {
  const recipients = Math.max(1, recipientDomains.length);
  const found = new Set(recipientDomains.map(providerOf));
  const provider = MAILBOX_PROVIDERS.find((each) => found.has(each));
  return { recipients, ...defined({ provider }) };
}
