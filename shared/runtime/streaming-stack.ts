import { Readable } from 'node:stream';
import middy from '@middy/core';
import { executionModeStreamifyResponse } from '@middy/core/StreamifyResponse';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { type HttpRequest, problemMapping, toRequest } from './http-stack.ts';
import type { Logger } from './logger.ts';

interface StreamedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly frames: AsyncIterable<string>;
}

/**
 * A handler of a function URL that answers while it works (Lambda developer guide, "Response streaming"). What is thrown
 * before the first frame is answered in the contract's shape, as by `httpStack`.
 */
export function streamingStack(
  answer: (request: HttpRequest, remainingMs: () => number) => Promise<StreamedResponse>,
  logger: Logger,
) {
  return middy<APIGatewayProxyEventV2>({ executionMode: executionModeStreamifyResponse })
    .use(problemMapping(logger))
    .handler(async (event: APIGatewayProxyEventV2, context: Context) => {
      const { status, headers, frames } = await answer(toRequest(event), () =>
        context.getRemainingTimeInMillis(),
      );
      return { statusCode: status, headers, body: Readable.from(frames) };
    });
}
