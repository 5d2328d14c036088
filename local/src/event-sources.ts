import type { Assembly } from './assembly/assembly.ts';
import { measureBacklogs, type TableStreamBacklog } from './dynamodb/poller/backlog.ts';
import { findStreamedTable, readTableStreamMappings } from './dynamodb/poller/mapping.ts';
import { startTableStreamPoller } from './dynamodb/poller/poller.ts';
import { createShardParts, openPositions } from './dynamodb/poller/positions.ts';
import type { TableStreamReader } from './dynamodb/table-streams/record.ts';
import { createEventsBackend } from './events/backend.ts';
import { createEventBuses, type EventBus } from './events/bus.ts';
import { startScheduledRules } from './events/scheduled-rules.ts';
import { createTargetDelivery } from './events/target-delivery.ts';
import type { Gateway, ServiceBackend } from './gateway/service-call.ts';
import type { Clock } from './host/clock.ts';
import { createPauses } from './host/pauses.ts';
import type { LambdaHost } from './lambda/invocation.ts';
import { WORKERS_PER_FUNCTION } from './lambda/lambda-host.ts';
import { readSqsMappings } from './sqs/poller/mapping.ts';
import { startSqsPoller } from './sqs/poller/poller.ts';

export interface EventSourcesOptions {
  readonly assembly: Assembly;
  readonly clock: Clock;
  readonly gatewayCall: Gateway['call'];
  readonly lambda: Pick<LambdaHost, 'invoke'>;
  readonly streams: TableStreamReader;
  /** File in which it is kept how far streams were read; without it memory of one run. */
  readonly positionsFile?: string;
  readonly workersPerFunction?: number;
  readonly warn?: (line: string) => void;
}

export interface EventSources {
  /** The default bus, for the SES stand-in to publish to. */
  readonly eventBus: EventBus;
  /** Takes the events of functions. */
  readonly events: ServiceBackend;
  backlogs(): readonly TableStreamBacklog[];
  /** Begins to poll queues and streams and to fire schedules; before it only the buses work. */
  start(): void;
  /** Resolves when the invocations of the pollers have ended. */
  stop(): Promise<void>;
}

/** Everything of the template that invokes functions but HTTP. Throws with the name of what is not hosted. */
export function createEventSources(options: EventSourcesOptions): EventSources {
  const { assembly, clock, lambda, gatewayCall, streams } = options;
  const warn = options.warn ?? console.error;
  const pauses = createPauses(clock);
  const workersPerFunction = options.workersPerFunction ?? WORKERS_PER_FUNCTION;
  const isOfTable = (arn: unknown) => findStreamedTable(assembly, arn) !== undefined;
  const mappings = readSqsMappings(assembly, isOfTable);
  const parts = createShardParts(readTableStreamMappings(assembly), streams);
  const positions = openPositions(parts, streams, options.positionsFile);
  const pollers: { stop(): Promise<void> }[] = [];
  let hasStopped = false;
  const isStopped = () => hasStopped;
  const deliver = createTargetDelivery({ assembly, clock, gatewayCall, lambda, pauses, warn, isStopped });
  const buses = createEventBuses(assembly, deliver);
  const events = createEventsBackend({ assembly, clock, buses, warn });
  const region = assembly.region;

  return {
    events,
    eventBus: buses.defaultBus,
    backlogs: () => measureBacklogs(parts, positions, streams, clock),
    start: () => {
      startScheduledRules({ assembly, clock, pauses, deliver, isStopped });
      const deps = { region, clock, gatewayCall, lambda, pauses, workersPerFunction, warn };
      pollers.push(...mappings.map((mapping) => startSqsPoller(mapping, deps)));
      pollers.push(...parts.map((part) => startTableStreamPoller(part, { ...deps, streams, positions })));
    },
    stop: async () => {
      hasStopped = true;
      pauses.stop();
      await Promise.all([events.settle(), ...pollers.map((poller) => poller.stop())]);
    },
  };
}
