import type { Assembly, HostedResource } from '../assembly/assembly.ts';
import type { Meter } from '../gateway/metering/usage.ts';
import type { HttpResponse } from '../host/http-body.ts';
import type { InvocationResult, LambdaHost } from '../lambda/invocation.ts';
import { mayInvoke } from '../lambda/invoke-permission.ts';
import { type ApiRoute, type HttpApi, readHttpApi } from './api-routes.ts';
import { GATEWAY_REPLIES, toFrontResponse } from './function-response.ts';
import { decodePath, type FrontRequest, toRequestEvent } from './request-event.ts';

export interface ApiFrontDeps {
  readonly assembly: Assembly;
  readonly lambda: Pick<LambdaHost, 'invoke'>;
  readonly meter: Meter;
  readonly warn: (line: string) => void;
}

const CHUNK_BYTES = 512 * 1024;

/** Answers as the template's HTTP API does. */
export function createApiFront(deps: ApiFrontDeps): (request: FrontRequest) => Promise<HttpResponse> {
  const { assembly, lambda, meter } = deps;
  const api = readHttpApi(assembly);
  const place = {
    accountId: assembly.accountId,
    domainName: `${api.apiId}.execute-api.${assembly.region}.amazonaws.com`,
    stage: api.stage,
  };

  return async (request) => {
    const path = decodePath(request.url);
    if (path === undefined) return GATEWAY_REPLIES.badRequest;
    const match = api.match(request.method, path);
    if (!match) return GATEWAY_REPLIES.notFound;
    const { target, timeoutMs, key } = match.route;
    if (!mayInvoke(assembly, target, 'apigateway.amazonaws.com', toSourceArn(assembly, api, key))) {
      deps.warn(`No AWS::Lambda::Permission lets the route ${key} invoke ${target.logicalId}`);
      return GATEWAY_REPLIES.failed;
    }

    const event = toRequestEvent(request, { key, path, pathParameters: match.pathParameters }, place);
    const result = await withinTimeout(lambda.invoke(target.logicalId, event), timeoutMs);
    const response =
      result === 'timeout' ? GATEWAY_REPLIES.unavailable : toFrontResponse(result, GATEWAY_REPLIES);
    record(meter, match.route, Math.max(request.body.length, response.body.length));
    return { ...response, headers: { ...response.headers, 'apigw-requestid': request.requestId } };
  };
}

/** `arn:…:<api>/<stage>/<method>/<path>`, with `$default` in the place of both for the catch-all route. */
function toSourceArn(assembly: Assembly, { apiId, stage }: HttpApi, routeKey: string): string {
  const [method = '', path] = routeKey.split(' ');
  const resource = path === undefined ? method : `${method === 'ANY' ? '*' : method}${path}`;
  return `arn:aws:execute-api:${assembly.region}:${assembly.accountId}:${apiId}/${stage}/${resource}`;
}

/** The function runs on; only the caller stops waiting. */
async function withinTimeout(
  invocation: Promise<InvocationResult>,
  timeoutMs: number,
): Promise<InvocationResult | 'timeout'> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(() => resolve('timeout'), timeoutMs);
  });
  try {
    return await Promise.race([invocation, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function record(meter: Meter, { target }: ApiRoute, bytes: number): void {
  meter.record({
    functionName: labelOf(target),
    service: 'apigateway',
    operation: 'Request',
    requests: 1,
    units: Math.max(1, Math.ceil(bytes / CHUNK_BYTES)),
    unit: '512KB chunk',
  });
}

const labelOf = ({ functionName, logicalId }: HostedResource): string => functionName ?? logicalId;
