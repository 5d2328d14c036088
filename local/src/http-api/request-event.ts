import { randomBytes } from 'node:crypto';

/** Facts that the front knows of one request. */
export interface FrontRequest {
  readonly method: string;
  /** Path and query as received. */
  readonly url: string;
  readonly httpVersion: string;
  /** Headers by lower-cased name, each with all its values. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly port: number;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

/** Place on AWS at which the request would have arrived. */
interface EventPlace {
  readonly accountId: string;
  /** Name whose first label is the id of the API, or of the function URL. */
  readonly domainName: string;
  readonly stage: string;
}

interface EventRoute {
  readonly key: string;
  readonly path: string;
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
}

/**
 * The event of payload format 2.0 (API Gateway developer guide, "Create Lambda proxy integrations for HTTP APIs"; Lambda
 * developer guide, "Invoking Lambda function URLs").
 */
export function toRequestEvent(request: FrontRequest, route: EventRoute, place: EventPlace) {
  const { cookie, ...others } = request.headers;
  const rawQueryString = splitUrl(request.url).query;
  const query = readQuery(rawQueryString);
  const id = place.domainName.split('.')[0] ?? '';
  const body = request.body.length === 0 ? {} : encodeBody(request);

  return {
    version: '2.0',
    routeKey: route.key,
    rawPath: route.path,
    rawQueryString,
    ...(cookie && { cookies: cookie.flatMap((line) => line.split(/; */)) }),
    headers: { ...joinValues(others), ...addedHeaders(request) },
    ...(query && { queryStringParameters: query }),
    requestContext: {
      accountId: place.accountId,
      apiId: id,
      domainName: place.domainName,
      domainPrefix: id,
      http: {
        method: request.method,
        path: route.path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.sourceIp,
        userAgent: request.headers['user-agent']?.join(',') ?? '',
      },
      requestId: request.requestId,
      routeKey: route.key,
      stage: place.stage,
      time: toLogTime(request.receivedAt),
      timeEpoch: request.receivedAt,
    },
    ...(route.pathParameters && { pathParameters: route.pathParameters }),
    ...body,
    isBase64Encoded: request.body.length > 0 && !isText(request),
  };
}

/**
 * The path as an HTTP API hands it on: percent-decoded, and cut at a `?` that was encoded
 * (captured from live APIs in hotsock/voker#8). `undefined` where it cannot be decoded.
 */
export function decodePath(url: string): string | undefined {
  try {
    return decodeURIComponent(splitUrl(url).path).split('?')[0];
  } catch {
    // The caller answers 400, as API Gateway does, without saying which part it was.
    return undefined;
  }
}

export function splitUrl(url: string): { path: string; query: string } {
  const mark = url.indexOf('?');
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}

/** Reads the query; repeated names are joined with commas. */
function readQuery(rawQueryString: string): Record<string, string> | undefined {
  const grouped = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(rawQueryString))
    grouped.set(name, [...(grouped.get(name) ?? []), value]);
  if (grouped.size === 0) return undefined;
  return Object.fromEntries([...grouped].map(([name, values]) => [name, values.join(',')]));
}

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'expect']);

const joinValues = (headers: Readonly<Record<string, readonly string[]>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !HOP_BY_HOP.has(name))
      .map(([name, values]) => [name, values.join(',')]),
  );

const addedHeaders = ({ headers, body, sourceIp, port, receivedAt }: FrontRequest) => ({
  'content-length': String(body.length),
  'x-amzn-trace-id': `Root=1-${Math.floor(receivedAt / 1000).toString(16)}-${randomBytes(12).toString('hex')}`,
  'x-forwarded-for': [...(headers['x-forwarded-for'] ?? []), sourceIp].join(', '),
  'x-forwarded-port': String(port),
  'x-forwarded-proto': 'http',
});

/**
 * Types that stay text, measured on HTTP APIs: these alone do, a missing type and a form do not
 * (ministack#766).
 */
const TEXT_TYPE = /^(text\/|application\/(json|xml|javascript)\s*(;|$))/i;

const isText = ({ headers }: FrontRequest): boolean => TEXT_TYPE.test(headers['content-type']?.[0] ?? '');

const encodeBody = (request: FrontRequest) => ({
  body: request.body.toString(isText(request) ? 'utf8' : 'base64'),
});

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `12/Mar/2026:19:03:58 +0000` */
function toLogTime(epochMs: number): string {
  const date = new Date(epochMs);
  const day = String(date.getUTCDate()).padStart(2, '0');
  const time = date.toISOString().slice(11, 19);
  return `${day}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${time} +0000`;
}
