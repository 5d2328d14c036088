import type { Clock } from '../../shared/base/ports.ts';
import { OPERATOR_TENANT } from '../../shared/base/tenant-name.ts';
import type { SendJob } from '../../shared/messages/contract/queue-body.ts';
import type { Messages } from '../../shared/messages/ports.ts';
import { dueAtEpochMsOf, UNQUEUED_AFTER_SECONDS } from '../../shared/messages/retry-schedule.ts';
import { isEnded } from '../../shared/sending/claim-decision.ts';
import { waitForPause } from '../../shared/sending/deferral.ts';
import type { StreamStates } from '../../shared/streams/ports.ts';
import type { Streams } from '../../shared/streams/stream.ts';
import type { Tenants } from '../../shared/tenants/ports.ts';
import { GO_ON, type Step } from './exit.ts';

export interface CheckPauseDeps {
  readonly streams: Streams;
  readonly streamStates: Pick<StreamStates, 'find'>;
  readonly tenants: Pick<Tenants, 'find'>;
  readonly clock: Clock;
}

export type CheckPause = (job: SendJob) => Promise<Step>;

/**
 * Asks whether stream and tenant send. Asked twice: before the content is read, because a pause may hold up a million
 * jobs that come back every few minutes; and right before the claim, because a job waits for room and for its slot in
 * between, and a pause is to stop what has not left.
 */
export function createCheckPause({ streams, streamStates, tenants, clock }: CheckPauseDeps): CheckPause {
  return async ({ stream, tenant }) => {
    const ofStream = await streamStates.find(streams.byName(stream).name);
    const nowEpochMs = clock.nowEpochMs();
    if (ofStream.status === 'paused') return waitForPause('stream_paused', ofStream.sinceEpochMs, nowEpochMs);
    if (tenant === OPERATOR_TENANT || streams.tenants === undefined) return GO_ON;
    const ofTenant = await tenants.find(tenant);
    if (ofTenant.status === 'active') return GO_ON;
    return waitForPause('tenant_paused', ofTenant.sinceEpochMs, nowEpochMs);
  };
}

interface CheckTwinDeps {
  readonly messages: Pick<Messages, 'getMessage'>;
  readonly clock: Clock;
}

/**
 * Drops the second job of a mail that has left, which `sweep` makes of one that waits in a long queue: it must not take the
 * slot and the day's volume of another mail. Where content is not kept, the claim finds the end as well, and what
 * carried it is discarded then.
 */
export function createCheckTwin({ messages, clock }: CheckTwinDeps) {
  return async (job: SendJob): Promise<Step> => {
    const mayHaveTwin = clock.nowEpochMs() - dueAtEpochMsOf(job) >= UNQUEUED_AFTER_SECONDS * 1000;
    if (!mayHaveTwin) return GO_ON;
    const message = await messages.getMessage(job.tenant, job.messageId);
    const isKept = message?.contentKeptUntilEpochSeconds !== undefined;
    return isKept && isEnded(message) ? { kind: 'done', reason: 'leftover' } : GO_ON;
  };
}
