import type { HostedServices, ServiceOutcome } from '../hosted-service.ts';
import type { Caller } from '../service-call.ts';
import type { WireCall } from '../wire-call.ts';
import type { Meter } from './usage.ts';

/** Listener that is told of every call that was done or refused by its own condition. */
export type MeasureCall = (caller: Caller, wire: WireCall, outcome: ServiceOutcome) => void;

/** Bills what the gateway saw: to the calling function, or to the AWS service that acted for the account. */
export function createCallMeter(meter: Meter, services: HostedServices): MeasureCall {
  return (caller, wire, outcome) => {
    const { service, operation } = wire;
    const functionName = caller.kind === 'function' ? caller.functionName : serviceName(caller.principal);
    // The request itself is counted in the first usage only.
    for (const [index, billed] of services[service].usageOf(wire, outcome).entries())
      meter.record({ functionName, service, operation, requests: index === 0 ? 1 : 0, ...billed });
  };
}

/** `sns.amazonaws.com` is `sns` in the report, beside the functions' names. */
const serviceName = (principal: string): string => principal.split('.')[0] ?? principal;
