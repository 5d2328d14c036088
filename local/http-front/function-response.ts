import { EVENT_TOO_LARGE, THROTTLED } from '../lambda/lambda-host.ts';
import type { InvocationResult } from '../ports.ts';

export interface FrontResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
}

/** What API Gateway says of itself; the words are its own. */
export const GATEWAY_REPLIES = {
  badRequest: gatewayReply(400, 'Bad Request'),
  notFound: gatewayReply(404, 'Not Found'),
  tooLarge: gatewayReply(413, 'Request Entity Too Large'),
  headersTooLarge: gatewayReply(431, 'Request Header Fields Too Large'),
  failed: gatewayReply(500, 'Internal Server Error'),
  unavailable: gatewayReply(503, 'Service Unavailable'),
} as const;

/** Turns what an invocation gave into the answer of an HTTP API with payload format 2.0. */
export function toFrontResponse(result: InvocationResult): FrontResponse {
  if (result.kind === 'ok') return toAnswer(result.payload);
  if (result.kind !== 'error') return GATEWAY_REPLIES.failed;
  if (result.errorType === EVENT_TOO_LARGE) return GATEWAY_REPLIES.tooLarge;
  return result.errorType === THROTTLED ? GATEWAY_REPLIES.unavailable : GATEWAY_REPLIES.failed;
}

function toAnswer(payload: unknown): FrontResponse {
  if (typeof payload !== 'object' || payload === null || !('statusCode' in payload)) return infer(payload);
  const { statusCode, headers, cookies, body, isBase64Encoded } = payload as Readonly<
    Record<string, unknown>
  >;
  const status = Number(statusCode);
  const isValid = Number.isInteger(status) && status >= 200 && status <= 599;
  if (!isValid || !isAbsentOr('string', body)) return GATEWAY_REPLIES.failed;

  const text = typeof body === 'string' ? body : '';
  return {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      ...toHeaders(headers),
      ...(Array.isArray(cookies) && { 'set-cookie': cookies.map(String) }),
    },
    body: Buffer.from(text, isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

/** Without a status code the whole answer is the body of a 200. */
const infer = (payload: unknown): FrontResponse => ({
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

function gatewayReply(status: number, message: string): FrontResponse {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ message })),
  };
}
