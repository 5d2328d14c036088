import type { HostedResource } from '../../src/assembly/assembly.ts';
import { createClock } from '../../src/host/clock.ts';
import { createClockRoute } from '../../src/host/clock-route.ts';
import { createKeySwap } from '../../src/http-api/friendly-key.ts';
import { type HttpFront, type HttpFrontOptions, startHttpFront } from '../../src/http-api/http-front.ts';
import type { InvocationResult } from '../../src/lambda/invocation.ts';
import {
  aHostedAssembly,
  aHostedResource,
  functionArn,
  okResult,
  rememberingLambda,
  rememberingMeter,
} from './hosted-world.ts';

const API_ID = 'api1234567';

export const aFrontFunction = (logicalId: string): HostedResource =>
  aHostedResource(
    'AWS::Lambda::Function',
    logicalId,
    {},
    { arn: functionArn(logicalId), functionName: logicalId },
  );

export const aFrontPermission = (logicalId: string, path = '*/*'): HostedResource =>
  aHostedResource('AWS::Lambda::Permission', `${logicalId}Permission`, {
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
    FunctionName: functionArn(logicalId),
    SourceArn: `arn:aws:execute-api:us-east-1:000000000000:${API_ID}/${path}`,
  });

/** A route with its integration. */
export const aFrontRoute = (
  key: string,
  target: string,
  integration: Record<string, unknown> = {},
): HostedResource[] => [
  aHostedResource('AWS::ApiGatewayV2::Route', `Route ${key}`, {
    RouteKey: key,
    Target: `integrations/integration-${key}`,
    AuthorizationType: 'NONE',
  }),
  aHostedResource('AWS::ApiGatewayV2::Integration', `integration-${key}`, {
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: functionArn(target),
    PayloadFormatVersion: '2.0',
    ...integration,
  }),
];

export const theApi = (overrides: Record<string, unknown> = {}): HostedResource[] => [
  aHostedResource('AWS::ApiGatewayV2::Api', API_ID, { ProtocolType: 'HTTP', ...overrides }),
  aHostedResource('AWS::ApiGatewayV2::Stage', 'Stage', { StageName: '$default' }),
];

/** One function behind `$default`. */
export const oneFunction = (): HostedResource[] => [
  ...theApi(),
  aFrontFunction('Control'),
  aFrontPermission('Control'),
  ...aFrontRoute('$default', 'Control'),
];

export interface FrontWorldOptions extends Partial<HttpFrontOptions> {
  readonly resources?: readonly HostedResource[];
  /** One that listens already. */
  readonly listening?: HttpFront;
  readonly answer?: (event: unknown) => InvocationResult | Promise<InvocationResult>;
}

/** A front before a function that remembers its events. */
export async function aFrontWorld({ resources, answer, listening, ...overrides }: FrontWorldOptions = {}) {
  const lambda = rememberingLambda(answer ?? (() => okResult({ statusCode: 200, body: 'ok' })));
  const meter = rememberingMeter();
  const clock = createClock();
  const warnings: string[] = [];
  const front = listening ?? (await startHttpFront(0));
  const options: HttpFrontOptions = {
    assembly: aHostedAssembly(resources ?? oneFunction()),
    ...{ lambda, meter, clock },
    swapKey: createKeySwap('re_local', async () => 're_real'),
    functionUrlPaths: {},
    localRoutes: [createClockRoute(clock)],
    warn: (line) => void warnings.push(line),
    ...overrides,
  };
  try {
    front.open(options);
  } catch (error) {
    await front.close();
    throw error;
  }
  return {
    ...{ front, lambda, meter, clock, warnings },
    fetch: (path: string, init?: RequestInit) => fetch(front.url + path, init),
    events: () => lambda.invocations.map(({ event }) => event as Record<string, unknown>),
  };
}
