import type { PublishedEvent } from '../events/published-event.ts';

/** Where events go whose stream asks for it, for anybody's rules. */
export interface EventBus {
  /** @throws where some are not known to have arrived */
  publish(events: readonly PublishedEvent[]): Promise<void>;
}
