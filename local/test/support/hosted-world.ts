import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Assembly, HostedResource } from '../../src/assembly/assembly.ts';
import type { FaultDecision, Faults } from '../../src/gateway/faults.ts';
import type { Meter, Usage } from '../../src/gateway/metering/usage.ts';
import type { ServiceRequest, ServiceResponse } from '../../src/gateway/service-call.ts';
import { createClock } from '../../src/host/clock.ts';
import type { InvocationResult, LambdaHost } from '../../src/lambda/invocation.ts';
import { createLambdaHost, type LambdaHostOptions } from '../../src/lambda/lambda-host.ts';

const ACCOUNT = '000000000000';
const REGION = 'us-east-1';

/** An assembly of these resources. */
export const aHostedAssembly = (resources: readonly HostedResource[]): Assembly => ({
  accountId: ACCOUNT,
  region: REGION,
  stackName: 'postlane',
  resources,
  outputs: {},
  byType: (type) => resources.filter((resource) => resource.type === type),
  byLogicalId: (logicalId) => {
    const found = resources.find((resource) => resource.logicalId === logicalId);
    if (!found) throw new Error(`no ${logicalId}`);
    return found;
  },
  byArn: (arn) => resources.find((resource) => resource.arn === arn),
});

export const aHostedResource = (
  type: string,
  logicalId: string,
  properties: Record<string, unknown> = {},
  overrides: Partial<HostedResource> = {},
): HostedResource => ({ logicalId, type, properties, physicalId: logicalId, ...overrides });

export const functionArn = (logicalId: string): string =>
  `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${logicalId}`;

const assetPaths: string[] = [];
process.once('exit', () => {
  for (const path of assetPaths) rmSync(path, { recursive: true, force: true });
});

/** A function whose bundle is `code`; `properties` override Handler, Timeout, MemorySize, … */
export function aFunction(
  logicalId: string,
  code: string,
  properties: Record<string, unknown> = {},
): HostedResource {
  const assetPath = mkdtempSync(join(tmpdir(), 'postlane-asset-'));
  assetPaths.push(assetPath);
  writeFileSync(join(assetPath, 'index.js'), code);
  return aHostedResource(
    'AWS::Lambda::Function',
    logicalId,
    { Handler: 'index.handler', Runtime: 'nodejs24.x', MemorySize: 256, Timeout: 5, ...properties },
    { functionName: logicalId, assetPath, arn: functionArn(logicalId) },
  );
}

/** A gateway that answers with `answer` and remembers the calls. */
export function rememberingGateway(
  answer: (request: ServiceRequest) => Promise<ServiceResponse> | ServiceResponse = () => jsonReply(200, {}),
) {
  const calls: ServiceRequest[] = [];
  return {
    calls,
    endpoint: 'http://127.0.0.1:1',
    issueCredentials: (functionLogicalId: string, workerId: string) => ({
      accessKeyId: functionLogicalId,
      secretAccessKey: 'secret',
      sessionToken: workerId,
    }),
    call: async (request: ServiceRequest) => {
      calls.push(request);
      return answer(request);
    },
    onCrash: () => {},
    close: async () => {},
  };
}

export const jsonReply = (status: number, value: unknown): ServiceResponse => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: Buffer.from(JSON.stringify(value)),
});

/** A meter that remembers. */
export function rememberingMeter(): Meter & { readonly usage: Usage[] } {
  const usage: Usage[] = [];
  return { usage, record: (row) => void usage.push(row) };
}

/** Answers the decisions in turn, then `none`. */
export const scriptedFaults = (...decisions: FaultDecision[]): Faults => ({
  roll: () => decisions.shift() ?? { kind: 'none' },
});

/** A host that answers with `answer` and remembers the events. */
export function rememberingLambda(answer: (event: unknown) => InvocationResult | Promise<InvocationResult>) {
  const invocations: { functionLogicalId: string; event: unknown }[] = [];
  const host: LambdaHost = {
    invoke: async (functionLogicalId, event) => {
      invocations.push({ functionLogicalId, event });
      return answer(event);
    },
    killWorker: () => {},
    close: async () => {},
  };
  return { ...host, invocations };
}

export const okResult = (payload: unknown): InvocationResult => ({ kind: 'ok', payload, durationMs: 1 });

/** Starts a host for one test; what it shows and bills is remembered. */
export function aLambdaHost(
  resources: readonly HostedResource[],
  overrides: Partial<LambdaHostOptions> = {},
) {
  const meter = rememberingMeter();
  const clock = createClock();
  const shown: string[] = [];
  const host = createLambdaHost({
    assembly: aHostedAssembly(resources),
    gateway: rememberingGateway(),
    clock,
    meter,
    faults: scriptedFaults(),
    show: (line) => void shown.push(line),
    ...overrides,
  });
  return { host, meter, clock, shown };
}
