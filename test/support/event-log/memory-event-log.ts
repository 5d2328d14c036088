import type { LogSegment, SegmentReader } from '../../../shared/event-log/ports.ts';
import { eventIdOf, type PublishedEvent } from '../../../shared/events/published-event.ts';
import { NOON } from '../messages/message-builders.ts';

/** Logs in memory. `reads` is what they were asked for. */
export function createMemoryEventLog() {
  const logs = new Map<string, LogSegment[]>();
  const reads: { readonly tenant: string; readonly fromNumber: number }[] = [];
  const logOf = (tenant: string): LogSegment[] => {
    const segments = logs.get(tenant) ?? [];
    logs.set(tenant, segments);
    return segments;
  };

  const reader: { read: SegmentReader['read'] } = {
    async read(tenant, fromNumber, maxSegments) {
      reads.push({ tenant, fromNumber });
      return logOf(tenant)
        .filter(({ number }) => number >= fromNumber)
        .slice(0, maxSegments);
    },
  };

  return {
    ...{ reader, reads },
    /** Answers the number of the new segment. */
    append(events: readonly PublishedEvent[], tenant = 'default'): number {
      const segments = logOf(tenant);
      const number = (segments.at(-1)?.number ?? 0) + 1;
      segments.push({ number, events });
      return number;
    },
    segmentsOf: (tenant = 'default'): readonly LogSegment[] => logOf(tenant),
    /** The segments before a number are forgotten. */
    forgetBefore(number: number, tenant = 'default'): void {
      const segments = logOf(tenant);
      segments.splice(
        0,
        segments.findIndex((each) => each.number >= number),
      );
    },
  };
}

let told = 0;

/** An event of a mail from example.com; `createdAt` makes its id. */
export function anEvent(overrides: Partial<PublishedEvent> = {}): PublishedEvent {
  const createdAt = overrides.createdAt ?? new Date(NOON).toISOString();
  told += 1;
  return {
    id: eventIdOf(Date.parse(createdAt), 'default', String(told)),
    type: 'email.delivered',
    tenant: 'default',
    createdAt,
    data: { from: 'Acme <hello@example.com>' },
    ...overrides,
  };
}
