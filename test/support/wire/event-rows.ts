import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PUBLISHED_EVENT_TYPES } from '../../../shared/event-catalog/contract/published-types.ts';
import { createLogEras } from '../../../shared/event-log/adapters/event-log-eras.ts';
import { createEventLogReader } from '../../../shared/event-log/adapters/event-log-reader.ts';
import { createBlockRows } from '../../../shared/event-log/adapters/event-log-rows.ts';
import { encodeBlock } from '../../../shared/event-log/contract/event-block-codec.ts';
import type { PublishedEvent } from '../../../shared/events/published-event.ts';
import { createMetricCounters } from '../../../shared/metrics/adapters/metric-counters-table.ts';
import type { HourCounters } from '../../../shared/metrics/hour-counters.ts';
import { anEvent } from '../event-log/log-builders.ts';
import { SAMPLE_DATA } from '../events/event-samples.ts';
import { NOON } from '../messages/message-builders.ts';
import { clock, type RowKind } from './row-kind.ts';

const TENANT = 'acme';

const inTable = (client: DynamoDBClient) => ({ client, tableName: 'events', clock });

/** One of each type, with every mark that an event may have, and one whose id is not of our kind. */
const events: readonly PublishedEvent[] = [
  ...PUBLISHED_EVENT_TYPES.map((type, index) =>
    anEvent(type, {
      type,
      createdAt: new Date(NOON + index).toISOString(),
      data: SAMPLE_DATA[type],
      ...(type.startsWith('email.') ? { stream: 'transactional' } : {}),
      ...(type === 'email.sent' ? { recipientCount: 3 } : {}),
      ...(type === 'email.failed' ? { isInsteadOfSent: true } : {}),
      ...(type === 'email.opened' ? { isMachine: true } : {}),
      ...(type === 'email.clicked' ? { isFirst: true } : {}),
    }),
  ),
  anEvent('another', { id: 'another kind of id' }),
];

const hour: HourCounters = {
  hour: '2026-11-23T12',
  upTo: 3,
  domains: new Map([
    ['example.com', { delivered: [1, 0, 2, 0], sent: [0, 0, 0, 5] }],
    ['', { opened: [1, 0, 0, 0] }],
  ]),
};

/** Of the events table. */
export const EVENT_ROWS: readonly RowKind[] = [
  {
    name: 'event-log-block-row-v2',
    write: (client) =>
      createBlockRows(inTable(client)).putIfAbsent(TENANT, {
        number: 1,
        atEpochMs: NOON,
        newestRecordAtEpochMs: NOON - 1_000,
        count: events.length,
        body: encodeBlock(events),
        putId: '0123456789ab',
      }),
    read: (client) => createEventLogReader(inTable(client)).read(TENANT, undefined, { maxBlocks: 1 }),
  },
  {
    name: 'event-log-era-row-v1',
    write: (client) => createLogEras(inTable(client))(TENANT),
    read: (client) => createLogEras(inTable(client))(TENANT),
  },
  {
    name: 'metrics-hour-row-v1',
    write: (client) => createMetricCounters(client, 'events').replace(TENANT, undefined, hour),
    async read(client) {
      const [read] = await createMetricCounters(client, 'events').range(TENANT, hour.hour, hour.hour);
      return { ...read, domains: [...(read?.domains ?? [])] };
    },
  },
  {
    name: 'metrics-cursor-row-v1',
    write: (client) => createMetricCounters(client, 'events').advance(TENANT, 3),
    read: (client) => createMetricCounters(client, 'events').foldedUpTo(TENANT),
  },
];
