import type { HostedResource } from '../../src/assembly/assembly.ts';
import { createClock } from '../../src/host/clock.ts';
import { startHttpFront } from '../../src/http-api/http-front.ts';
import { aFrontPermission, aFrontRoute, theApi } from './front-world.ts';
import { aFunction, aHostedAssembly, aHostedResource, aLambdaHost, functionArn } from './hosted-world.ts';

export const TAIL_PATH = '/event-log/stream';

/** What CDK makes of `addFunctionUrl` with AuthType NONE. */
export const URL_PERMISSIONS: readonly HostedResource[] = [
  aHostedResource('AWS::Lambda::Permission', 'InvokeUrl', {
    Action: 'lambda:InvokeFunctionUrl',
    Principal: '*',
    FunctionName: functionArn('Tail'),
    FunctionUrlAuthType: 'NONE',
  }),
  aHostedResource('AWS::Lambda::Permission', 'Invoke', {
    Action: 'lambda:InvokeFunction',
    Principal: '*',
    FunctionName: functionArn('Tail'),
    InvokedViaFunctionUrl: true,
  }),
];

export interface FunctionUrlWorldOptions {
  /** Properties of the AWS::Lambda::Url. */
  readonly url?: Readonly<Record<string, unknown>>;
  /** Properties of the function behind it. */
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly permissions?: readonly HostedResource[];
  readonly folder?: string;
}

/** A front with a function URL at `TAIL_PATH`, an API beside it that answers `api`, and real workers behind both. */
export async function aFunctionUrlWorld(code: string, options: FunctionUrlWorldOptions = {}) {
  const { url = {}, properties = {}, permissions = URL_PERMISSIONS, folder = 'tail-events' } = options;
  const resources = [
    ...theApi(),
    aFunction('Control', 'exports.handler = async () => ({ statusCode: 200, body: "api" })'),
    aFrontPermission('Control'),
    ...aFrontRoute('$default', 'Control'),
    { ...aFunction('Tail', code, properties), functionName: folder },
    aHostedResource('AWS::Lambda::Url', 'Url', {
      AuthType: 'NONE',
      InvokeMode: 'RESPONSE_STREAM',
      TargetFunctionArn: functionArn('Tail'),
      ...url,
    }),
    ...permissions,
  ];
  const { host, meter, shown } = aLambdaHost(resources);
  const warnings: string[] = [];
  const front = await startHttpFront(0);
  const close = async () => {
    await front.close();
    await host.close();
  };
  try {
    front.open({
      ...{ assembly: aHostedAssembly(resources), lambda: host, meter, clock: createClock() },
      swapKey: async (headers) => headers,
      functionUrlPaths: { 'tail-events': TAIL_PATH },
      localRoutes: [],
      warn: (line) => void warnings.push(line),
    });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...{ front, host, meter, shown, warnings, close },
    fetch: (path = TAIL_PATH, init?: RequestInit) => fetch(front.url + path, init),
  };
}

/** Reads a body piece by piece, as it comes. */
export function readPieces(answer: Response) {
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  return {
    next: async (): Promise<string | undefined> => {
      const { value, done } = await reader.read();
      return done ? undefined : Buffer.from(value).toString('utf8');
    },
    cancel: () => reader.cancel(),
  };
}
