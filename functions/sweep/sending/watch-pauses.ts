import type { Log } from '../../../shared/base/ports.ts';
import type { StreamStates } from '../../../shared/streams/ports.ts';
import type { Streams } from '../../../shared/streams/stream.ts';
import type { PauseState } from '../../../shared/streams/stream-state.ts';
import type { Tenants } from '../../../shared/tenants/ports.ts';

export interface WatchPausesDeps {
  readonly streams: Streams;
  readonly states: Pick<StreamStates, 'get'>;
  readonly tenants: Pick<Tenants, 'list'>;
  readonly log: Pick<Log, 'warn' | 'error' | 'count'>;
}

/** Says every minute which streams and tenants the guard holds, or SES, so that the alarm lasts as long as the pause does. */
export function createWatchPauses({ streams, states, tenants, log }: WatchPausesDeps): () => Promise<void> {
  return async () => {
    try {
      const ofStreams = await Promise.all(streams.all.map(({ name }) => states.get(name)));
      const ofTenants = streams.tenants === undefined ? [] : await tenants.list();
      const held = [...ofStreams, ...ofTenants].filter(isHeld);
      for (const { name } of held) log.warn('held_by_guard', { name });
      if (held.length > 0) log.count('StreamsHeldByGuard', held.length);
    } catch (error) {
      log.error('pauses_not_read', { error });
    }
  };
}

const isHeld = ({ status, pausedBy }: PauseState): boolean => status === 'paused' && pausedBy !== 'operator';
