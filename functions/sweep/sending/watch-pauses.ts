import type { Log } from '../../../shared/base/ports.ts';
import type { StreamStates } from '../../../shared/streams/ports.ts';
import type { Streams } from '../../../shared/streams/stream.ts';
import type { PauseState } from '../../../shared/streams/stream-state.ts';
import type { Tenants } from '../../../shared/tenants/ports.ts';

interface WatchPausesDeps {
  readonly streams: Streams;
  readonly states: Pick<StreamStates, 'get'>;
  readonly tenants: Pick<Tenants, 'list'>;
  readonly log: Pick<Log, 'warn' | 'error' | 'count'>;
}

/** Says every minute which streams and tenants the guard has paused, or SES, so that the alarm lasts as long as the pause does. */
export function createWatchPauses({ streams, states, tenants, log }: WatchPausesDeps): () => Promise<void> {
  return async () => {
    try {
      const ofStreams = await Promise.all(streams.all.map(({ name }) => states.get(name)));
      const ofTenants = streams.tenants === undefined ? [] : await tenants.list();
      const paused = [...ofStreams, ...ofTenants].filter(isPausedAutomatically);
      for (const { name } of paused) log.warn('paused_by_guard', { name });
      if (paused.length > 0) log.count('StreamsPausedByGuard', paused.length);
    } catch (error) {
      log.error('pauses_not_read', { error });
    }
  };
}

const isPausedAutomatically = ({ status, pausedBy }: PauseState): boolean =>
  status === 'paused' && pausedBy !== 'operator';
