import { createSegmentRows } from '../../../shared/event-log/adapters/event-log-rows.ts';
import { createSegmentReader } from '../../../shared/event-log/adapters/event-log-segments.ts';
import { decodeSegment } from '../../../shared/event-log/contract/event-segment-codec.ts';
import { LANE_COUNT } from '../../../shared/event-log/event-segment.ts';
import { createMetricCounters } from '../../../shared/metrics/adapters/metric-counters-table.ts';
import type { CommonDeps } from '../wire-common.ts';
import { metricsRoutes } from './metrics.ts';

export const wireMetrics = ({ environment, client, clock, mail }: CommonDeps) =>
  metricsRoutes({
    messages: mail.messages,
    segments: createSegmentReader({
      rows: createSegmentRows({ client, tableName: environment.eventsTableName }),
      laneCount: LANE_COUNT,
      decode: decodeSegment,
    }),
    counters: createMetricCounters(client, environment.eventsTableName),
    clock,
  });
