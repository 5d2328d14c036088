import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { HttpResponse, HttpResponseHead } from '../host/http-body.ts';
import type { InvocationResult } from '../lambda/invocation.ts';
import { EVENT_TOO_LARGE, THROTTLED } from '../lambda/lambda-host.ts';

/** Replies in the place of an answer that there is not. */
export interface FailureReplies {
  readonly tooLarge: HttpResponse;
  readonly unavailable: HttpResponse;
  readonly failed: HttpResponse;
}

/** Replies of API Gateway itself, in its own words. */
export const GATEWAY_REPLIES = {
  badRequest: gatewayReply(400, 'Bad Request'),
  notFound: gatewayReply(404, 'Not Found'),
  tooLarge: gatewayReply(413, 'Request Entity Too Large'),
  headersTooLarge: gatewayReply(431, 'Request Header Fields Too Large'),
  failed: gatewayReply(500, 'Internal Server Error'),
  unavailable: gatewayReply(503, 'Service Unavailable'),
} as const;

/** Turns what an invocation gave into the answer of an HTTP API or function URL with payload format 2.0. */
export function toFrontResponse(result: InvocationResult, replies: FailureReplies): HttpResponse {
  if (result.kind === 'ok') return toAnswer(result.payload) ?? replies.failed;
  if (result.kind !== 'error') return replies.failed;
  if (result.errorType === EVENT_TOO_LARGE) return replies.tooLarge;
  return result.errorType === THROTTLED ? replies.unavailable : replies.failed;
}

function toAnswer(payload: unknown): HttpResponse | undefined {
  if (typeof payload !== 'object' || payload === null || !('statusCode' in payload)) return infer(payload);
  const { body, isBase64Encoded, ...rest } = payload as Readonly<Record<string, unknown>>;
  const head = toHead(rest, 'text/plain; charset=utf-8');
  if (head === undefined || !isAbsentOr('string', body)) return undefined;

  const text = typeof body === 'string' ? body : '';
  return { ...head, body: Buffer.from(text, isBase64Encoded === true ? 'base64' : 'utf8') };
}

/** Status and headers of an answer; `undefined` where one of them is none. */
export function toHead(
  { statusCode, headers, cookies }: Readonly<Record<string, unknown>>,
  contentType: string,
): HttpResponseHead | undefined {
  const status = Number(statusCode);
  const given = toHeaders(headers);
  const isStatus = Number.isInteger(status) && status >= 200 && status <= 599;
  if (!isStatus || !Object.entries(given).every(isHeader)) return undefined;
  const setCookie = Array.isArray(cookies) ? { 'set-cookie': cookies.map(String) } : {};
  return { status, headers: { 'content-type': contentType, ...given, ...setCookie } };
}

function isHeader([name, value]: readonly [string, string]): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    // API Gateway answers 500 and does not say which header it was.
    return false;
  }
}

/** Infers an answer: without a status code the whole payload is the body of a 200. */
const infer = (payload: unknown): HttpResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
});

const isAbsentOr = (type: string, value: unknown): boolean =>
  value === undefined || value === null || typeof value === type;

/** Lengths and connections are the front's own business. */
const OWN_HEADERS = new Set(['content-length', 'connection', 'transfer-encoding']);

function toHeaders(headers: unknown): Record<string, string> {
  if (typeof headers !== 'object' || headers === null) return {};
  return Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), String(value)] as const)
      .filter(([name]) => !OWN_HEADERS.has(name)),
  );
}

function gatewayReply(status: number, message: string): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ message })),
  };
}
