import { WORKERS_PER_FUNCTION } from '../lambda/lambda-host.ts';
import type { Assembly, Clock, Gateway, LambdaHost } from '../ports.ts';
import { createEventBus, type EventBus } from './event-bus.ts';
import { createPauses } from './pause.ts';
import { startScheduledRules } from './scheduled-rules.ts';
import { readSqsMappings } from './sqs-mapping.ts';
import { type SqsPoller, startSqsPoller } from './sqs-poller.ts';
import { createTargetDelivery } from './target-delivery.ts';

export interface EventSourcesOptions {
  readonly assembly: Assembly;
  readonly clock: Clock;
  readonly gatewayCall: Gateway['call'];
  readonly lambda: Pick<LambdaHost, 'invoke'>;
  readonly workersPerFunction?: number;
  readonly warn?: (line: string) => void;
}

export interface EventSources {
  /** The default bus, for the SES stand-in to publish to. */
  readonly eventBus: EventBus;
  /** Begins to poll queues and to fire schedules; before it only the bus works. */
  start(): void;
  /** Resolves when the invocations of the pollers have ended. */
  stop(): Promise<void>;
}

/** Everything of the template that invokes functions but HTTP. Throws with the name of what is not hosted. */
export function createEventSources(options: EventSourcesOptions): EventSources {
  const { assembly, clock, lambda, gatewayCall } = options;
  const warn = options.warn ?? console.error;
  const pauses = createPauses(clock);
  const workersPerFunction = options.workersPerFunction ?? WORKERS_PER_FUNCTION;
  const mappings = readSqsMappings(assembly);
  const pollers: SqsPoller[] = [];
  let hasStopped = false;
  const isStopped = () => hasStopped;
  const deliver = createTargetDelivery({ assembly, clock, gatewayCall, lambda, pauses, warn, isStopped });
  const region = assembly.region;

  return {
    eventBus: createEventBus(assembly, deliver),
    start: () => {
      const deps = { region, gatewayCall, lambda, pauses, workersPerFunction, warn };
      pollers.push(...mappings.map((mapping) => startSqsPoller(mapping, deps)));
      startScheduledRules({ assembly, clock, pauses, deliver, isStopped });
    },
    stop: async () => {
      hasStopped = true;
      pauses.stop();
      await Promise.all(pollers.map((poller) => poller.stop()));
    },
  };
}
