import { invalidField } from '../../../shared/base/contract/errors.ts';
import type { Clock } from '../../../shared/base/ports.ts';
import type { ReputationSubject, Reputations } from '../../../shared/reputation/ports.ts';
import type { Pauses } from '../../../shared/streams/ports.ts';

export type PauseStatus = 'active' | 'paused';

/** Of a stream or a tenant. */
interface Paused {
  readonly name: string;
  readonly subject: ReputationSubject;
  readonly pauses: Pick<Pauses, 'pause' | 'resume'>;
}

interface PauseDeps {
  readonly reputations: Pick<Reputations, 'restart'>;
  readonly clock: Clock;
}

export function readPauseStatus(value: unknown): PauseStatus | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === 'active' || value === 'paused') return value;
  throw invalidField('The `status` field must be `active` or `paused`.');
}

/** What goes on is judged anew: what paused it would pause it again at once. */
export async function setPauseStatus(
  { name, subject, pauses }: Paused,
  status: PauseStatus,
  apiKeyId: string,
  { reputations, clock }: PauseDeps,
): Promise<void> {
  const nowEpochMs = clock.nowEpochMs();
  if (status === 'paused') {
    await pauses.pause(name, { by: 'operator', reason: `paused with the API key ${apiKeyId}`, nowEpochMs });
    return;
  }
  await reputations.restart(subject, nowEpochMs);
  await pauses.resume(name, nowEpochMs);
}
