import type { Log } from '../../shared/domain/ports.ts';
import type { StreamStates } from '../../shared/domain/sending-ports.ts';
import type { Streams } from '../../shared/domain/stream.ts';

export interface WatchPausesDeps {
  readonly streams: Streams;
  readonly states: Pick<StreamStates, 'get'>;
  readonly log: Pick<Log, 'warn' | 'error' | 'count'>;
}

/** Says every minute which streams the guard holds, so that the alarm lasts as long as the pause does. */
export function createWatchPauses({ streams, states, log }: WatchPausesDeps): () => Promise<void> {
  return async () => {
    try {
      const all = await Promise.all(streams.all.map(({ name }) => states.get(name)));
      const held = all.filter(({ status, pausedBy }) => status === 'paused' && pausedBy === 'guard');
      for (const { name } of held) log.warn('stream_held_by_guard', { stream: name });
      if (held.length > 0) log.count('StreamsHeldByGuard', held.length);
    } catch (error) {
      log.error('pauses_not_read', { error });
    }
  };
}
