import type { PublishedEvent } from '../events/published-event.ts';

/** Bus for the events of streams that ask for it, on which any subscriber may put rules. */
export interface EventBus {
  /** Publishes events. @throws where some are not known to have arrived */
  publish(events: readonly PublishedEvent[]): Promise<void>;
}
