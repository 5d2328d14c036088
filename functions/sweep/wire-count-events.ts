import { createBlockReader } from '../../shared/event-log/adapters/event-log-blocks.ts';
import { createBlockRows } from '../../shared/event-log/adapters/event-log-rows.ts';
import { decodeBlock } from '../../shared/event-log/contract/event-block-codec.ts';
import { PARTITION_COUNT } from '../../shared/event-log/event-block.ts';
import { createMetricCounters } from '../../shared/metrics/adapters/metric-counters-table.ts';
import { createCountEvents } from './count-events.ts';
import { createTenantNames } from './tenants/refresh-tenants.ts';
import type { CommonDeps } from './wire-common.ts';

export const wireCountEvents = ({ environment, client, clock, log, tenants }: CommonDeps) =>
  createCountEvents({
    tenants: createTenantNames({ streams: environment.streams, tenants }),
    counters: createMetricCounters(client, environment.eventsTableName),
    blocks: createBlockReader({
      rows: createBlockRows({ client, tableName: environment.eventsTableName }),
      partitionCount: PARTITION_COUNT,
      decode: decodeBlock,
    }),
    clock,
    log,
  });
