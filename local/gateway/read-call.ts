import type { ServiceName } from '../ports.ts';

/** What the signature and the shape of a request say about it. */
export interface WireCall {
  readonly accessKeyId: string;
  readonly service: ServiceName;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly bucket?: string;
  readonly key?: string;
}

export interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const SERVICES: Readonly<Record<string, ServiceName>> = {
  ses: 'ses',
  email: 'ses',
  sqs: 'sqs',
  dynamodb: 'dynamodb',
  s3: 's3',
  sns: 'sns',
  events: 'events',
  lambda: 'lambda',
};

/** Reads caller, service and operation of an SDK call; undefined where it is none (no AWS signature on it). */
export function readCall(request: WireRequest): WireCall | undefined {
  const [path = '', query = ''] = request.url.split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  const [accessKeyId, service] = readCredential(request.headers.authorization, parameters);
  if (accessKeyId === undefined || service === undefined) return undefined;
  return { accessKeyId, service, ...OPERATION[service](request, path, parameters) };
}

/** SigV4: `Credential=<key>/<date>/<region>/<service>/aws4_request`, in the header or, presigned, in the query. */
function readCredential(
  header: string | undefined,
  parameters: URLSearchParams,
): readonly [string | undefined, ServiceName | undefined] {
  const credential =
    /Credential=([^,\s]+)/.exec(header ?? '')?.[1] ?? parameters.get('X-Amz-Credential') ?? '';
  const [accessKeyId, , , service = ''] = credential.split('/');
  return [accessKeyId, SERVICES[service]];
}

type ReadOperation = (
  request: WireRequest,
  path: string,
  parameters: URLSearchParams,
) => Pick<WireCall, 'operation' | 'input' | 'bucket' | 'key'>;

const readTarget: ReadOperation = ({ headers, body }) => ({
  operation: headers['x-amz-target']?.split('.').at(-1) ?? 'Unknown',
  input: parseJson(body),
});

const OPERATION: Readonly<Record<ServiceName, ReadOperation>> = {
  dynamodb: readTarget,
  sqs: readTarget,
  events: readTarget,
  lambda: ({ body }, path) => ({
    operation: 'Invoke',
    input: { FunctionName: path.split('/')[3] ?? '', Payload: body.toString('utf8') },
  }),
  sns: ({ body }) => {
    const form = Object.fromEntries(new URLSearchParams(body.toString('utf8')));
    return { operation: form.Action ?? 'Unknown', input: form };
  },
  ses: ({ method, body }, path) => ({ operation: sesOperation(method, path), input: parseJson(body) }),
  s3: ({ method }, path, parameters) => {
    const [bucket = '', ...rest] = path.slice(1).split('/');
    const key = decodeURIComponent(rest.join('/'));
    const object = key === '' ? {} : { key };
    return { operation: s3Operation(method, key, parameters), input: {}, bucket, ...object };
  },
};

function sesOperation(method: string, path: string): string {
  if (method === 'POST' && path === '/v2/email/outbound-emails') return 'SendEmail';
  if (method === 'GET' && path === '/v2/email/account') return 'GetAccount';
  if (method === 'GET' && path.startsWith('/v2/email/identities/')) return 'GetEmailIdentity';
  return 'Unknown';
}

const OBJECT_OPERATIONS: Readonly<Record<string, string>> = {
  GET: 'GetObject',
  HEAD: 'HeadObject',
  PUT: 'PutObject',
  DELETE: 'DeleteObject',
};

function s3Operation(method: string, key: string, parameters: URLSearchParams): string {
  if (parameters.has('delete')) return 'DeleteObjects';
  if (key === '') return 'ListObjectsV2';
  return OBJECT_OPERATIONS[method] ?? 'Unknown';
}

function parseJson(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(body.toString('utf8') || '{}') as Record<string, unknown>;
  } catch {
    return {};
  }
}
