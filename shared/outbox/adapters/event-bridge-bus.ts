import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { splitIntoBatches } from '../../base/adapters/split-into-batches.ts';
import { inParallel } from '../../base/services/in-parallel.ts';
import type { PublishedEvent } from '../../events/published-event.ts';
import type { EventBus } from '../ports.ts';

/** PutEvents: at most 10 entries and 256 KB a request (EventBridge quotas), of which names and time take a little. */
const LIMITS = { entries: 10, bytes: 262_144 } as const;
const BYTES_BESIDE_DETAIL = 512;
const REQUESTS_AT_ONCE = 4;
const TRIES = 3;

const EVENT_SOURCE = 'postlane';

/** Publishes to EventBridge: `detail` is what the log has, with its tenant; `detail-type` is the type. */
export function createEventBridgeBus(client: EventBridgeClient, busName: string | undefined): EventBus {
  const put = async (
    Entries: readonly PutEventsRequestEntry[],
  ): Promise<readonly PutEventsRequestEntry[]> => {
    const { Entries: answers = [] } = await client.send(new PutEventsCommand({ Entries: [...Entries] }));
    return Entries.filter((_, index) => answers[index]?.EventId === undefined);
  };

  const putUntilTaken = async (entries: readonly PutEventsRequestEntry[]): Promise<void> => {
    let left = entries;
    for (let tries = 0; left.length > 0 && tries < TRIES; tries += 1) left = await put(left);
    if (left.length > 0) throw new EventsRefusedError(`The event bus took ${left.length} events too few.`);
  };

  return {
    async publish(events) {
      if (busName === undefined) return;
      const entries = events.map((event) => entryOf(event, busName));
      const requests = splitIntoBatches(entries, sizeOf, LIMITS);
      await inParallel(requests, REQUESTS_AT_ONCE, putUntilTaken);
    },
  };
}

/** Error that EventBridge did not take some events, asked three times. */
class EventsRefusedError extends Error {
  override readonly name = 'EventsRefusedError';
  readonly permanent = false;
}

export const createEventBridgeClient = (): EventBridgeClient => new EventBridgeClient({});

const sizeOf = ({ Detail = '' }: PutEventsRequestEntry): number =>
  Buffer.byteLength(Detail) + BYTES_BESIDE_DETAIL;

const entryOf = (
  { id, type, createdAt, tenant, stream, data }: PublishedEvent,
  EventBusName: string,
): PutEventsRequestEntry => ({
  EventBusName,
  Source: EVENT_SOURCE,
  DetailType: type,
  Time: new Date(createdAt),
  Detail: JSON.stringify({ id, type, created_at: createdAt, tenant, stream, data }),
});
