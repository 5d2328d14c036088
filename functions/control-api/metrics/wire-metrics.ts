import { createBlockReader } from '../../../shared/event-log/adapters/event-log-blocks.ts';
import { createBlockRows } from '../../../shared/event-log/adapters/event-log-rows.ts';
import { decodeBlock } from '../../../shared/event-log/contract/event-block-codec.ts';
import { PARTITION_COUNT } from '../../../shared/event-log/event-block.ts';
import { createMetricCounters } from '../../../shared/metrics/adapters/metric-counters-table.ts';
import type { CommonDeps } from '../wire-common.ts';
import { metricsRoutes } from './show-metrics.ts';

export const wireMetrics = ({ environment, client, clock, mail }: CommonDeps) =>
  metricsRoutes({
    messages: mail.messages,
    blocks: createBlockReader({
      rows: createBlockRows({ client, tableName: environment.eventsTableName }),
      partitionCount: PARTITION_COUNT,
      decode: decodeBlock,
    }),
    counters: createMetricCounters(client, environment.eventsTableName),
    clock,
  });
