import { randomUUID } from 'node:crypto';
import type { Assembly } from '../assembly/assembly.ts';
import { eventBusName } from '../assembly/event-bus-name.ts';
import { jsonError } from '../gateway/aws-error.ts';
import type { ServiceBackend, ServiceResponse } from '../gateway/service-call.ts';
import type { Clock } from '../host/clock.ts';
import type { EventBuses } from './bus.ts';
import { entryBytes, type PutEventsEntry, refuseEntry, toBusEvent } from './put-events-entry.ts';

interface EventsBackendDeps {
  readonly assembly: Assembly;
  readonly clock: Clock;
  readonly buses: EventBuses;
  readonly warn: (line: string) => void;
}

interface EventsBackend extends ServiceBackend {
  /** Resolves when every event that was taken has had its first try at its targets. */
  settle(): Promise<void>;
}

const MOST_ENTRIES = 10;
/** Largest request: 1 MB since January 2026; exactly that much is still taken. */
const MOST_BYTES = 1024 * 1024;

/** EventBridge for PutEvents, which is answered before targets get the events. */
export function createEventsBackend({ assembly, clock, buses, warn }: EventsBackendDeps): EventsBackend {
  const underWay = new Set<Promise<void>>();
  const publish = (busName: string, event: object) => {
    const bus = buses.find(busName);
    // AWS takes such an event too, and it goes nowhere.
    if (!bus) return warn(`PutEvents: there is no event bus ${busName}; the event is lost`);
    const work = bus
      .publish(event)
      .catch((error: unknown) => warn(`PutEvents: ${String(error)}`))
      .finally(() => underWay.delete(work));
    underWay.add(work);
  };
  const put = (entry: PutEventsEntry) => {
    const refused = refuseEntry(entry);
    if (refused) return refused;
    const id = randomUUID();
    const { accountId: account, region } = assembly;
    publish(eventBusName(entry.EventBusName), toBusEvent(entry, { id, account, region, nowMs: clock.now() }));
    return { EventId: id };
  };

  return {
    settle: async () => void (await Promise.all(underWay)),
    handle: async ({ operation, body }) => {
      if (operation !== 'PutEvents') return unhosted(operation);
      const { Entries = [] } = JSON.parse(body.toString('utf8')) as { Entries?: PutEventsEntry[] };
      return refuseRequest(Entries) ?? answer(Entries.map(put));
    },
  };
}

const unhosted = (operation: string): ServiceResponse =>
  jsonError(501, 'NotImplemented', `The local cloud does not host events ${operation}`);

function refuseRequest(entries: readonly PutEventsEntry[]): ServiceResponse | undefined {
  if (entries.length < 1 || entries.length > MOST_ENTRIES)
    return invalid(
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and ${MOST_ENTRIES}`,
    );
  const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  return bytes > MOST_BYTES
    ? invalid('Total size of the entries in the request is over the limit.')
    : undefined;
}

const invalid = (message: string): ServiceResponse => jsonError(400, 'ValidationException', message);

const answer = (Entries: readonly object[]): ServiceResponse => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: Buffer.from(
    JSON.stringify({
      FailedEntryCount: Entries.filter((entry) => 'ErrorCode' in entry).length,
      Entries,
    }),
  ),
});
