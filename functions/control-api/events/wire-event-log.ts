import { createEventLogReader } from '../../../shared/event-log/adapters/event-log-reader.ts';
import type { CommonDeps } from '../wire-common.ts';
import { eventLogRoutes } from './event-log.ts';

export const wireEventLog = ({ environment, client, clock }: CommonDeps) =>
  eventLogRoutes({
    eventLog: createEventLogReader({ client, tableName: environment.eventsTableName, clock }),
  });
