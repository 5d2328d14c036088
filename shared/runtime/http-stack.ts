import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import {
  ContractError,
  type ContractResponse,
  internalError,
  malformedRequest,
  type PageResponse,
  responseOf,
} from '../base/contract/errors.ts';
import type { Logger } from './logger.ts';

/** A request as use cases see it, free of the gateway's payload format. */
export interface HttpRequest {
  readonly method: string;
  /** Path as it came, percent-encoded, without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Headers by lower-cased name. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Body of the request, empty where there is none. Read when it is asked for: throws a ContractError 400
   * where it is no UTF-8 text.
   */
  readonly body: string;
}

/**
 * An API Gateway (payload 2.0) handler around `answer`. A `ContractError` is answered as it stands; everything else that
 * is thrown is a 500 of the contract's shape, and the one thing that is logged.
 */
export function httpStack(
  answer: (request: HttpRequest) => Promise<ContractResponse | PageResponse>,
  logger: Logger,
) {
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .use(problemMapping(logger))
    .handler(async (event: APIGatewayProxyEventV2) => toGateway(await answer(toRequest(event))));
}

export function problemMapping(logger: Logger) {
  return {
    onError(request: { error: unknown; response: unknown }) {
      const problem =
        request.error instanceof ContractError
          ? request.error
          : internalError('Something went wrong on our side.', request.error);
      if (problem.problem.statusCode >= 500) logger.error('request_failed', { error: problem });
      request.response = toGateway(responseOf(problem));
    },
  };
}

export function toRequest(event: APIGatewayProxyEventV2): HttpRequest {
  return {
    method: event.requestContext.http.method,
    path: event.rawPath,
    query: definedValues(event.queryStringParameters ?? {}),
    headers: definedValues(event.headers),
    get body() {
      return decodeBody(event.body ?? '', event.isBase64Encoded);
    },
  };
}

function decodeBody(body: string, isBase64Encoded: boolean): string {
  if (!isBase64Encoded) return body;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(body, 'base64'));
  } catch (cause) {
    if (cause instanceof TypeError) throw malformedRequest('The request body must be UTF-8 text.', cause);
    throw cause;
  }
}

function definedValues(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const defined = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(defined.map(([name, value]) => [name.toLowerCase(), value]));
}

function toGateway(response: ContractResponse | PageResponse): APIGatewayProxyStructuredResultV2 {
  const [type, body] =
    'html' in response ? ['text/html', response.html] : ['application/json', JSON.stringify(response.body)];
  return {
    statusCode: response.status,
    headers: { 'content-type': `${type}; charset=utf-8`, ...response.headers },
    body,
  };
}
