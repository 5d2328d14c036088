import type { PublishedEvent } from '../../events/published-event.ts';
import { loggedEvent } from './event-log-object.ts';

/** Server-Sent Events (WHATWG HTML, section 9.2), as texts. */

/** Frame that says how long a client waits before it comes back, in milliseconds. */
export const RETRY_FRAME = 'retry: 2000\n\n';

/** One event with the cursor that goes on behind it, which comes back as `Last-Event-ID`. */
export function eventFrame(event: PublishedEvent, cursor: string): string {
  return `id: ${cursor}\nevent: ${event.type}\ndata: ${JSON.stringify(loggedEvent(event))}\n\n`;
}

/** Frame that keeps the connection, and moves the cursor past what the filter has left out. */
export const heartbeatFrame = (cursor: string): string => `: heartbeat\nid: ${cursor}\n\n`;
