import type { Assembly } from '../assembly/assembly.ts';
import { functionUrlDomain } from '../assembly/function-url-domain.ts';
import type { HttpResponse } from '../host/http-body.ts';
import { type FunctionUrl, readFunctionUrls } from '../lambda/function-urls.ts';
import type { InvocationResult, LambdaHost } from '../lambda/invocation.ts';
import { mayInvokeByUrl } from '../lambda/invoke-permission.ts';
import { type FailureReplies, toFrontResponse } from './function-response.ts';
import { decodePath, type FrontRequest, splitUrl, toRequestEvent } from './request-event.ts';
import { createStreamedAnswer, type FrontAnswer } from './streamed-response.ts';

export interface FunctionUrlFrontDeps {
  readonly assembly: Assembly;
  readonly lambda: Pick<LambdaHost, 'invoke'>;
  /** Paths of the functions' URLs, by the function's folder. */
  readonly functionUrlPaths: Readonly<Record<string, string>>;
  readonly warn: (line: string) => void;
}

/** Answers as the template's function URLs do; `undefined` for a request whose path is none of theirs. */
export function createFunctionUrlFront(deps: FunctionUrlFrontDeps) {
  const urls = new Map(readFunctionUrls(deps.assembly).map((url) => [pathOf(url, deps), url]));

  return async (request: FrontRequest): Promise<FrontAnswer | undefined> => {
    const url = urls.get(plainPath(request.url));
    return url && answerUrl(url, request, deps);
  };
}

/** The one place of the contract where a URL is served. Throws for a URL without one. */
function pathOf(
  { target: { functionName = '', logicalId } }: FunctionUrl,
  { functionUrlPaths }: FunctionUrlFrontDeps,
): string {
  const path = functionUrlPaths[functionName];
  if (path !== undefined) return path;
  throw new Error(`The local cloud has no path for the function URL of ${logicalId}`);
}

/** Path of a URL: decoded, with single slashes and none at the end. */
const plainPath = (url: string): string =>
  (decodePath(url) ?? '').replace(/\/+/g, '/').replace(/(?<=.)\/$/, '');

async function answerUrl(
  { target, isStreaming }: FunctionUrl,
  request: FrontRequest,
  { assembly, lambda, warn }: FunctionUrlFrontDeps,
): Promise<FrontAnswer> {
  if (!mayInvokeByUrl(assembly, target)) {
    warn(`No two AWS::Lambda::Permission let everybody invoke ${target.logicalId} by its URL`);
    return FORBIDDEN;
  }
  const domainName = functionUrlDomain(target.arn ?? '', assembly.region);
  const route = { key: '$default', path: splitUrl(request.url).path, pathParameters: undefined };
  const place = { accountId: 'anonymous', domainName, stage: '$default' };
  const event = toRequestEvent(request, route, place);
  if (isStreaming) return answerStreaming(target.logicalId, event, lambda);
  return toFrontResponse(await lambda.invoke(target.logicalId, event), URL_REPLIES);
}

/** The answer as soon as its head is known, or as the invocation ended without one. */
function answerStreaming(
  logicalId: string,
  event: unknown,
  lambda: Pick<LambdaHost, 'invoke'>,
): Promise<FrontAnswer> {
  return new Promise((resolve, reject) => {
    const answer = createStreamedAnswer((response) => resolve(response ?? URL_REPLIES.failed));
    lambda.invoke(logicalId, event, answer.sink).then(
      (result) => {
        answer.end(result.kind === 'ok');
        resolve(toRawResponse(result));
      },
      (error: unknown) => {
        answer.end(false);
        reject(error);
      },
    );
  });
}

/**
 * Answer of a handler that does not stream. Measured on AWS: what it returns is the body as it is, its
 * `statusCode` included.
 */
function toRawResponse(result: InvocationResult): HttpResponse {
  if (result.kind !== 'ok') return toFrontResponse(result, URL_REPLIES);
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(result.payload)),
  };
}

const reply = (
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(body),
});

/** Replies of Lambda itself, in its own words. */
const URL_REPLIES: FailureReplies = {
  tooLarge: reply(
    413,
    '{"message":"Request must be smaller than 6291556 bytes for the InvokeFunction operation"}',
  ),
  unavailable: reply(
    429,
    '{"Reason":"ConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}',
  ),
  failed: reply(502, 'Internal Server Error'),
};
const FORBIDDEN = reply(
  403,
  '{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}',
  { 'x-amzn-errortype': 'AccessDeniedException' },
);
