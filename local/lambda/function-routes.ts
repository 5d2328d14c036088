import { type LocalRoute, localReply } from '../http-front/local-routes.ts';
import type { Assembly, LambdaHost } from '../ports.ts';
import { describeFailure } from './invocation-error.ts';

export interface FunctionRoutesOptions {
  readonly assembly: Assembly;
  readonly lambda: Pick<LambdaHost, 'invoke'>;
  /** Where an SDK of the operator invokes, with the access key `local`. */
  readonly endpoint: string;
}

/**
 * `POST /_local/functions/{name}`: invokes the function of that folder with the body as its event (`{}` where there is none)
 * and answers `{payload}`, or 502 with Lambda's description of what went wrong. `GET /_local/functions`: the functions with the names that
 * Lambda knows them by, and the endpoint for an SDK.
 */
export function functionRoutes({ assembly, lambda, endpoint }: FunctionRoutesOptions): LocalRoute[] {
  const functions = assembly.byType('AWS::Lambda::Function');
  const listed = functions.map(({ functionName, physicalId }) => ({
    name: functionName,
    functionName: physicalId,
  }));

  return [
    {
      method: 'GET',
      path: '/_local/functions',
      handle: () => localReply(200, { endpoint, functions: listed }),
    },
    {
      method: 'POST',
      path: '/_local/functions/{name}',
      handle: async ({ params, body }) => {
        const target = functions.find(({ functionName }) => functionName === params.name);
        if (!target) return localReply(404, { message: `There is no function ${params.name}` });
        const event = readEvent(body);
        if (event === undefined) return localReply(400, { message: 'The body must be JSON: the event' });
        const result = await lambda.invoke(target.logicalId, event);
        return result.kind === 'ok'
          ? localReply(200, { payload: result.payload })
          : localReply(502, describeFailure(result));
      },
    },
  ];
}

function readEvent(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8') || '{}');
  } catch {
    return undefined;
  }
}
