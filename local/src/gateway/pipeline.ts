import { setTimeout as pause } from 'node:timers/promises';
import { accessDenied, type Dialect, internalError, throttled } from './dialect.ts';
import type { FaultDecision, Faults } from './faults.ts';
import type { HostedService, HostedServices } from './hosted-service.ts';
import type { Authoriser } from './iam/authoriser.ts';
import type { MeasureCall } from './metering/call-meter.ts';
import { passOn } from './pass-on.ts';
import { type Answer, CUT, type Perform } from './serve.ts';
import type { Caller, ServiceRequest } from './service-call.ts';

export interface PipelineOptions {
  readonly services: HostedServices;
  readonly authoriser: Pick<Authoriser, 'authorise'>;
  readonly faults: Faults;
  readonly measure: MeasureCall;
  readonly killWorker: (workerId: string) => void;
}

/** Creates what every call goes through: fault before → authorise → answer → meter → fault after. */
export function createPipeline(options: PipelineOptions): Perform {
  const { services, authoriser, measure } = options;

  return async (request, wire) => {
    const service = services[request.service];
    const { dialect } = service;
    const { caller } = request;
    const fault = faultOf(request, service, options.faults);
    const crash = (): Answer => crashed(caller, options);
    const early = await beforeDoing(fault, dialect, crash);
    if (early) return early;

    const verdict = authoriser.authorise(caller, service.permissionsOf(wire));
    if (!verdict.isAllowed) return accessDenied(dialect, verdict.message);

    const outcome = await service.backend(request, wire);
    measure(caller, wire, outcome);
    const needed = service.concealedBy?.(wire, request, outcome);
    const mayKnow = needed && authoriser.authorise(caller, [needed]);
    if (mayKnow && !mayKnow.isAllowed) return accessDenied(dialect, mayKnow.message);
    if (fault.kind === 'crash') return crash();
    return fault.kind === 'reply-lost' ? CUT : passOn(request, outcome.response);
  };
}

const faultOf = (
  { service, operation }: ServiceRequest,
  { takesFaults = true }: HostedService,
  faults: Faults,
): FaultDecision => (takesFaults ? faults.roll(service, operation) : { kind: 'none' });

function crashed(caller: Caller, { killWorker }: PipelineOptions): Answer {
  if (caller.kind === 'function') killWorker(caller.workerId);
  return CUT;
}

async function beforeDoing(
  fault: FaultDecision,
  dialect: Dialect,
  crash: () => Answer,
): Promise<Answer | undefined> {
  if (fault.kind === 'throttle') return throttled(dialect);
  if (fault.kind === 'error') return internalError(dialect);
  if (fault.kind === 'latency') await pause(fault.ms);
  return fault.kind === 'crash' && fault.when === 'before' ? crash() : undefined;
}
