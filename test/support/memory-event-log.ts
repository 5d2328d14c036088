import type { LaneReader, LogSegment } from '../../shared/domain/event-ports.ts';
import { eventIdOf, type PublishedEvent } from '../../shared/domain/published-event.ts';
import { NOON } from './message-builders.ts';

/** A log in memory, lane by lane. `reads` is what it was asked for. */
export function createMemoryEventLog(laneCount = 2) {
  const lanes = new Map<string, LogSegment[]>();
  const reads: { readonly tenant: string; readonly lane: number; readonly fromNumber: number }[] = [];
  const laneOf = (tenant: string, lane: number): LogSegment[] => {
    const key = `${tenant}#${lane}`;
    const segments = lanes.get(key) ?? [];
    lanes.set(key, segments);
    return segments;
  };

  const reader: LaneReader = {
    laneCount,
    async segments(tenant, lane, fromNumber, maxSegments) {
      reads.push({ tenant, lane, fromNumber });
      return laneOf(tenant, lane)
        .filter(({ number }) => number >= fromNumber)
        .slice(0, maxSegments);
    },
  };

  return {
    ...{ reader, reads },
    /** Answers the number of the new segment. */
    append(events: readonly PublishedEvent[], { tenant = 'default', lane = 0 } = {}): number {
      const segments = laneOf(tenant, lane);
      const number = (segments.at(-1)?.number ?? -1) + 1;
      segments.push({ number, events });
      return number;
    },
    segmentsOf: (tenant = 'default', lane = 0): readonly LogSegment[] => laneOf(tenant, lane),
    /** The segments before a number are forgotten. */
    forgetBefore(number: number, { tenant = 'default', lane = 0 } = {}): void {
      const segments = laneOf(tenant, lane);
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
