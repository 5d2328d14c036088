/**
 * Function URL, streaming: sends events as they are logged to whoever watches, for some minutes at a time. A viewer that
 * was cut off goes on from the cursor of the last event that it got, so that it misses none and sees none twice.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { createApiKeysTable } from '../../shared/access/adapters/api-keys-table.ts';
import { createSigningKeys } from '../../shared/access/adapters/signing-keys-table.ts';
import { createAuthenticate } from '../../shared/access/services/authenticate.ts';
import { createDynamoDbClient } from '../../shared/base/adapters/dynamodb-client.ts';
import { createEventLogReader } from '../../shared/event-log/adapters/event-log-reader.ts';
import { createViewerSlots } from '../../shared/event-log/adapters/viewer-slots-table.ts';
import { decodeLogCursor, encodeLogCursor } from '../../shared/event-log/contract/event-log-cursor.ts';
import { systemClock as clock } from '../../shared/runtime/clock.ts';
import { readEnvironment } from '../../shared/runtime/env.ts';
import { createIds } from '../../shared/runtime/ids.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { streamingStack } from '../../shared/runtime/streaming-stack.ts';
import { createTailEvents } from './tail-events.ts';

const environment = readEnvironment(['EVENTS_TABLE_NAME', 'CATALOG_TABLE_NAME', 'STREAMS', 'TAIL_VIEWERS']);
const log = createLogger('tail-events');
const client = createDynamoDbClient();
const catalog = { client, tableName: environment.catalogTableName };

const tailEvents = createTailEvents({
  authenticate: createAuthenticate({
    apiKeys: createApiKeysTable({ ...catalog, clock }),
    signingKeys: createSigningKeys(catalog),
    streams: environment.streams,
  }),
  eventLog: createEventLogReader({ client, tableName: environment.eventsTableName, clock }),
  viewerSlots: createViewerSlots({ ...catalog, places: environment.tailViewers, clock }),
  ids: createIds(clock),
  readCursor: decodeLogCursor,
  writeCursor: encodeLogCursor,
  sleep,
  clock,
});

export const handler = streamingStack(tailEvents, log);
