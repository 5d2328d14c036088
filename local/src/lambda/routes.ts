import type { Assembly } from '../assembly/assembly.ts';
import type { HttpResponse } from '../host/http-body.ts';
import { parseJson } from '../host/json.ts';
import { type LocalRequest, type LocalRoute, localReply } from '../host/local-routes.ts';
import type { LambdaHost } from './invocation.ts';
import { describeFailure } from './invocation-error.ts';

export interface FunctionRoutesOptions {
  readonly assembly: Assembly;
  readonly lambda: Pick<LambdaHost, 'invoke'>;
  /** Endpoint at which an SDK of the operator invokes, with the access key `local`. */
  readonly endpoint: string;
}

/**
 * `GET /_local/functions`: each function's folder and the name that Lambda knows it by, and the endpoint for an SDK.
 * `POST /_local/functions/{folder}`: invokes the function with the body as its event, `{}` where there is none, and answers
 * `{payload}`, or 502 with Lambda's description of what went wrong.
 */
export function functionRoutes(options: FunctionRoutesOptions): LocalRoute[] {
  const { assembly, endpoint } = options;
  const functions = assembly.byType('AWS::Lambda::Function');
  const listed = functions.map(({ functionName: folder, physicalId: functionName }) => ({
    folder,
    functionName,
  }));
  return [
    {
      method: 'GET',
      path: '/_local/functions',
      handle: () => localReply(200, { endpoint, functions: listed }),
    },
    {
      method: 'POST',
      path: '/_local/functions/{folder}',
      handle: (request) => invokeByFolder(request, options),
    },
  ];
}

async function invokeByFolder(
  { params: { folder }, body }: LocalRequest,
  { assembly, lambda }: FunctionRoutesOptions,
): Promise<HttpResponse> {
  const functions = assembly.byType('AWS::Lambda::Function');
  const target = functions.find(({ functionName }) => functionName === folder);
  const folders = functions.map(({ functionName }) => functionName).join(', ');
  if (!target) return localReply(404, { message: `There is no function ${folder}; there are ${folders}` });
  const event = body.length === 0 ? {} : parseJson(body);
  if (event === undefined) return localReply(400, { message: 'The body must be JSON: the event' });

  const result = await lambda.invoke(target.logicalId, event);
  if (result.kind === 'ok') return localReply(200, { payload: result.payload });
  return localReply(502, describeFailure(result));
}
