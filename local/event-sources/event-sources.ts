import { WORKERS_PER_FUNCTION } from '../lambda/lambda-host.ts';
import type { Assembly, Clock, Gateway, LambdaHost, ServiceBackend, StreamReader } from '../ports.ts';
import { createEventBuses, type EventBus } from './event-bus.ts';
import { createEventsBackend } from './events-backend.ts';
import { createPauses } from './pause.ts';
import { startScheduledRules } from './scheduled-rules.ts';
import { readSqsMappings } from './sqs-mapping.ts';
import { startSqsPoller } from './sqs-poller.ts';
import { measureBacklogs, type StreamBacklog } from './stream-backlog.ts';
import { readStreamMappings } from './stream-mapping.ts';
import { startStreamPoller } from './stream-poller.ts';
import { createLanes, openPositions } from './stream-positions.ts';
import { createTargetDelivery } from './target-delivery.ts';

export interface EventSourcesOptions {
  readonly assembly: Assembly;
  readonly clock: Clock;
  readonly gatewayCall: Gateway['call'];
  readonly lambda: Pick<LambdaHost, 'invoke'>;
  readonly streams: StreamReader;
  /** Where it is kept how far streams were read; without it memory of one run. */
  readonly positionsFile?: string;
  readonly workersPerFunction?: number;
  readonly warn?: (line: string) => void;
}

export interface EventSources {
  /** The default bus, for the SES stand-in to publish to. */
  readonly eventBus: EventBus;
  /** Takes the events of functions. */
  readonly events: ServiceBackend;
  backlogs(): readonly StreamBacklog[];
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
  const mappings = readSqsMappings(assembly);
  const lanes = createLanes(readStreamMappings(assembly), streams);
  const positions = openPositions(lanes, streams, options.positionsFile);
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
    backlogs: () => measureBacklogs(lanes, positions, streams, clock),
    start: () => {
      startScheduledRules({ assembly, clock, pauses, deliver, isStopped });
      const deps = { region, clock, gatewayCall, lambda, pauses, workersPerFunction, warn };
      pollers.push(...mappings.map((mapping) => startSqsPoller(mapping, deps)));
      pollers.push(...lanes.map((lane) => startStreamPoller(lane, { ...deps, streams, positions })));
    },
    stop: async () => {
      hasStopped = true;
      pauses.stop();
      await Promise.all([events.settle(), ...pollers.map((poller) => poller.stop())]);
    },
  };
}
