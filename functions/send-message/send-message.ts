import { backOffSeconds } from '../../shared/base/queue-delay.ts';
import type { SendJob } from '../../shared/messages/contract/queue-body.ts';
import type { ActOnExit, Leaving } from './act-on-exit.ts';
import type { Admission } from './admit-job.ts';
import type { SendAttempt } from './attempt-send.ts';
import type { CheckPause } from './check-job.ts';
import type { Claimed } from './claim-message.ts';
import type { Exit, Requeue, Step } from './exit.ts';
import { type UsableContent, weightOf } from './load-content.ts';
import type { MemoryGate } from './memory-gate.ts';
import type { ClaimedJob, Prepared } from './prepare-mail.ts';
import { UnrecordedSendError } from './record-receipt.ts';

/** The steps of a job in their order, and the one place where it leaves. */
interface SendMessageDeps {
  readonly checkPause: CheckPause;
  readonly checkTwin: (job: SendJob) => Promise<Step>;
  readonly loadContent: (job: SendJob) => Promise<Step<{ readonly loaded: UsableContent }>>;
  readonly memory: MemoryGate;
  readonly admitJob: (job: SendJob) => Promise<Step<Admission>>;
  readonly claimMessage: (job: SendJob) => Promise<Step<Claimed>>;
  readonly prepareMail: (claim: ClaimedJob, loaded: UsableContent) => Promise<Step<Prepared>>;
  readonly attemptSend: (attempt: SendAttempt) => Promise<Exit>;
  readonly actOnExit: ActOnExit;
  /** What one attempt may take, from the wait for its slot to the row that tells its outcome. */
  readonly attemptMs: number;
  readonly isOutage: (error: unknown) => boolean;
  /** 0 to 1, by chance. */
  readonly jitter: () => number;
}

interface RecordTime {
  readonly remainingMs: () => number;
}

/**
 * Brings one message one step further: claim, suppression list, one attempt at SES, outcome. What has to wait comes back
 * as a delayed copy of the job; throwing is for what nothing is known to help.
 */
export function createSendMessage(deps: SendMessageDeps) {
  return async (job: SendJob, time: RecordTime): Promise<void> => {
    try {
      const { exit, ...leaving } = await walk(job, time, deps);
      await deps.actOnExit(exit, leaving);
    } catch (error) {
      await deps.actOnExit(waitForStore(job, error, deps), { job });
    }
  };
}

/** Up to where all the mails of a batch may be at once. */
async function walk(
  job: SendJob,
  time: RecordTime,
  deps: SendMessageDeps,
): Promise<Leaving & { readonly exit: Exit }> {
  if (job.sendReceipt !== undefined) {
    return { job, exit: { kind: 'done', reason: 'sent', receipt: job.sendReceipt } };
  }
  const pause = await deps.checkPause(job);
  if (pause.kind !== 'send') return { job, exit: pause };
  const twin = await deps.checkTwin(job);
  if (twin.kind !== 'send') return { job, exit: twin };
  const content = await deps.loadContent(job);
  if (content.kind !== 'send') return { job, exit: content };
  const { loaded } = content;
  const exit = await deps.memory.run(weightOf(loaded), () => send(job, loaded, time, deps));
  return { job, loaded, exit };
}

/** What the memory has room for: slot, claim, mail, and the one attempt. */
async function send(
  job: SendJob,
  loaded: UsableContent,
  { remainingMs }: RecordTime,
  deps: SendMessageDeps,
): Promise<Exit> {
  if (remainingMs() < deps.attemptMs) return { kind: 'requeue', reason: 'no_time_left', delaySeconds: 0 };
  const admission = await deps.admitJob(job);
  if (admission.kind !== 'send') return admission;
  const claim = await deps.claimMessage(job);
  if (claim.kind !== 'send') return claim;
  const { message } = claim;
  const prepared = await deps.prepareMail(
    { job, message, configurationSet: admission.configurationSet },
    loaded,
  );
  if (prepared.kind !== 'send') return prepared;
  return deps.attemptSend({ job, message, ...admission, ...prepared });
}

/**
 * While a store is down the job waits as a copy of itself, which never counts towards the dead-letter queue.
 * @throws what is no outage: the record fails and is delivered again
 */
function waitForStore(job: SendJob, error: unknown, deps: SendMessageDeps): Requeue {
  const unrecorded = error instanceof UnrecordedSendError ? error : undefined;
  if (!deps.isOutage(unrecorded?.cause ?? error)) throw error;
  const receipt = unrecorded && { sendReceipt: unrecorded.receipt };
  return {
    kind: 'requeue',
    reason: 'outage',
    delaySeconds: backOffSeconds(job.waits, deps.jitter()),
    changes: { waitedOutOutage: true, ...receipt },
    note: { level: 'error', event: 'job_requeued', fields: { waits: job.waits, error } },
  };
}
