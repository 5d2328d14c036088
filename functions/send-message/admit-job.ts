import type { SendJob } from '../../shared/contract/queue-body.ts';
import { providerOf } from '../../shared/domain/mailbox-provider.ts';
import type { Pacer } from '../../shared/domain/pacer.ts';
import type { StreamStates } from '../../shared/domain/sending-ports.ts';
import type { PacedMail } from '../../shared/domain/spacing.ts';
import type { Streams } from '../../shared/domain/stream.ts';

export interface AdmitDeps {
  readonly streams: Streams;
  readonly streamStates: Pick<StreamStates, 'find'>;
  readonly pacer: Pacer;
  readonly sleep: (ms: number) => Promise<unknown>;
}

export type Admission =
  | { readonly kind: 'now' }
  /** A copy of the job is to come back then. */
  | { readonly kind: 'later'; readonly delaySeconds: number; readonly reason: string };

/** How long after a stream goes on its mail may still wait; each look costs three requests of the queue. */
const LOOK_AT_PAUSE_SECONDS = 60;

/** Whether a job may be claimed now: its stream sends, and SES's rate has room. Answers when it has. */
export async function admitJob(
  job: SendJob,
  { streams, streamStates, pacer, sleep }: AdmitDeps,
): Promise<Admission> {
  const { name } = streams.of(job.stream);
  const { status } = await streamStates.find(name);
  if (status === 'paused') {
    return { kind: 'later', delaySeconds: LOOK_AT_PAUSE_SECONDS, reason: 'stream_paused' };
  }
  const turn = await pacer.take(name, pacedMail(job));
  if (turn.kind === 'later') return turn;
  await sleep(turn.afterMs);
  return { kind: 'now' };
}

/** Jobs of earlier versions do not say to whom they go. A mail to several providers is held back by none of them. */
function pacedMail({ recipientDomains = [] }: SendJob): PacedMail {
  const recipients = Math.max(1, recipientDomains.length);
  const [provider, ...others] = new Set(recipientDomains.map(providerOf));
  return { recipients, ...(provider === undefined || others.length > 0 ? {} : { provider }) };
}
