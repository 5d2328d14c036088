import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { laneOf } from '../domain/event-lanes.ts';
import type { EventLog } from '../domain/event-ports.ts';
import { createRecent } from '../domain/recent.ts';
import { createEventLogSegments } from './event-log-segments.ts';
import { createLaneWriter, type LaneWriter, type LaneWriterOptions } from './lane-writer.ts';

export interface EventLogOptions extends LaneWriterOptions {
  readonly client: DynamoDBClient;
  /** The events table. */
  readonly tableName: string;
}

const REMEMBERED_LANES = 200;

/** The writing end of the log (`docs/decisions/0011-event-log.md`). */
export function createEventLog({ client, tableName, ...options }: EventLogOptions): EventLog {
  const segments = createEventLogSegments(client, tableName);
  const writers = createRecent<LaneWriter>(REMEMBERED_LANES);
  const writerOf = (tenant: string, lane: number): LaneWriter => {
    const key = `${tenant}#${lane}`;
    const writer =
      writers.get(key) ?? createLaneWriter({ tenant, lane, segments: segments(tenant, lane), ...options });
    writers.note(key, writer);
    return writer;
  };

  return {
    async append(tenant, entries, { lookFrom } = {}) {
      const byLane = Map.groupBy(entries, ({ event }) => laneOf(event));
      const logged = await Promise.all(
        [...byLane].map(([lane, own]) => writerOf(tenant, lane).append(own, lookFrom)),
      );
      const byId = new Map(logged.flat().map((each) => [each.event.id, each]));
      return entries.flatMap(({ event }) => byId.get(event.id) ?? []);
    },
  };
}
