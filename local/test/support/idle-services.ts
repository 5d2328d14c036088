import type { Assembly } from '../../src/assembly/assembly.ts';
import { loadAssembly } from '../../src/assembly/load-assembly.ts';
import type { HostedServices } from '../../src/gateway/hosted-service.ts';
import { createCallMeter } from '../../src/gateway/metering/call-meter.ts';
import type { ServiceName } from '../../src/gateway/service-call.ts';
import { createServices } from '../../src/services.ts';
import { rememberingGateway, rememberingMeter } from './hosted-world.ts';
import { aTable, writeAssembly } from './small-assembly.ts';

const nothing = {} as never;

/** Services with nothing behind them, for what they say of a call. */
const idleServices = (assembly: Assembly): HostedServices =>
  createServices({
    ...{ assembly, clock: nothing, gateway: rememberingGateway(), dynamodb: nothing },
    ...{ streams: nothing, backlogs: () => [], ses: nothing, events: nothing, lambda: nothing },
    fauxqs: { server: { createBucket: () => {} } } as never,
    queues: { hop: { send: nothing, close: () => {} } } as never,
  });

const assembly = loadAssembly(writeAssembly({ Table: aTable() }), { queueUrlBase: 'http://127.0.0.1:9' });
const services = idleServices(assembly);

/** What IAM asks for a call: action, resource and context of each permission. */
export const neededFor = (service: ServiceName, operation: string, input: object, more: object = {}) =>
  services[service]
    .permissionsOf({ operation, input: { ...input }, ...more })
    .map(({ action, resource, context }) => [action, resource, context]);

export interface BilledCall {
  readonly request?: object;
  readonly response?: object;
  readonly status?: number;
  /** Of DynamoDB: what a filtered query read. */
  readonly evaluated?: readonly object[];
}

/** The usages that a call is billed as. */
export function billFor(service: ServiceName, operation: string, call: BilledCall = {}) {
  const { request = {}, response = {}, status = 200, ...items } = call;
  const meter = rememberingMeter();
  const caller = {
    kind: 'function',
    functionLogicalId: 'Accept',
    functionName: 'accept-message',
    workerId: 'worker-1',
  } as const;
  const wire = { accessKeyId: '', service, operation, input: { ...request } };
  const body = Buffer.from(JSON.stringify(response));
  createCallMeter(meter, services)(caller, wire, { response: { status, headers: {}, body }, ...items });
  return meter.usage;
}

export const unitsFor = (...call: Parameters<typeof billFor>) =>
  billFor(...call).map(({ units, unit }) => [units, unit]);
