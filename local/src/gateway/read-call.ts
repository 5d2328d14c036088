import { readSesCall } from '../ses/call.ts';
import type { ServiceName } from './service-call.ts';

/** What the signature and the shape of a request say about it. */
export interface WireCall {
  readonly accessKeyId: string;
  readonly service: ServiceName;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly bucket?: string;
  readonly key?: string;
  /** CopyObject: `<bucket>/<key>` that is read. */
  readonly copySource?: string;
  /** When a presigned call ends, epoch milliseconds. */
  readonly expiresAtMs?: number;
}

/** The operation of a call that the shape of the request does not tell. */
export const UNKNOWN_OPERATION = 'Unknown';

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
  const expiresAtMs = readExpiry(parameters);
  return {
    ...{ accessKeyId, service, ...OPERATION[service](request, path, parameters) },
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  };
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

/** `X-Amz-Date=20261123T101500Z` and `X-Amz-Expires=<seconds>` of a presigned URL. */
function readExpiry(parameters: URLSearchParams): number | undefined {
  const [signedAt, seconds] = [parameters.get('X-Amz-Date'), parameters.get('X-Amz-Expires')];
  if (signedAt === null || seconds === null) return undefined;
  const iso = signedAt.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  return Date.parse(iso) + Number(seconds) * 1000;
}

type ReadOperation = (
  request: WireRequest,
  path: string,
  parameters: URLSearchParams,
) => Pick<WireCall, 'operation' | 'input' | 'bucket' | 'key' | 'copySource'>;

const readTarget: ReadOperation = ({ headers, body }) => ({
  operation: headers['x-amz-target']?.split('.').at(-1) ?? UNKNOWN_OPERATION,
  input: parseJson(body),
});

const OPERATION: Readonly<Record<ServiceName, ReadOperation>> = {
  dynamodb: readTarget,
  sqs: readTarget,
  events: readTarget,
  lambda: readInvoke,
  sns: ({ body }) => {
    const form = Object.fromEntries(new URLSearchParams(body.toString('utf8')));
    return { operation: form.Action ?? UNKNOWN_OPERATION, input: form };
  },
  ses: ({ method, body }, path, query) => {
    const { operation = UNKNOWN_OPERATION, parameters } = readSesCall(method, path) ?? {};
    return { operation, input: { ...parseJson(body), ...Object.fromEntries(query), ...parameters } };
  },
  s3: readS3,
};

/** The name may be an ARN, whole or from the account on (Lambda API reference, Invoke). */
function readInvoke({ method, headers, body }: WireRequest, path: string): ReturnType<ReadOperation> {
  const [, name] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path) ?? [];
  if (method !== 'POST' || name === undefined) return { operation: UNKNOWN_OPERATION, input: {} };
  return {
    operation: 'Invoke',
    input: {
      FunctionName: decode(name).split(':function:').at(-1),
      InvocationType: headers['x-amz-invocation-type'] ?? 'RequestResponse',
      Payload: body.toString('utf8'),
    },
  };
}

function readS3(
  { method, headers, body }: WireRequest,
  path: string,
  parameters: URLSearchParams,
): ReturnType<ReadOperation> {
  const [bucket = '', ...rest] = path.slice(1).split('/');
  const key = decode(rest.join('/'));
  const copySource = decode(headers['x-amz-copy-source'] ?? '').replace(/^\//, '');
  const operation = s3Operation(method, key, parameters, copySource !== '');
  return {
    operation,
    input: operation === 'DeleteObjects' ? { keys: keysIn(body) } : {},
    bucket,
    ...(key === '' ? {} : { key }),
    ...(copySource === '' ? {} : { copySource }),
  };
}

/** The keys of a DeleteObjects document. */
const keysIn = (body: Buffer): readonly string[] =>
  [...body.toString('utf8').matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => unescapeXml(key));

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescapeXml = (text: string): string =>
  text.replace(/&(\w+);/g, (entity, name: string) => ENTITIES[name] ?? entity);

const OBJECT_OPERATIONS: Readonly<Record<string, string>> = {
  GET: 'GetObject',
  HEAD: 'HeadObject',
  PUT: 'PutObject',
  DELETE: 'DeleteObject',
};
const UPLOAD_OPERATIONS: Readonly<Record<string, string>> = {
  PUT: 'UploadPart',
  POST: 'CompleteMultipartUpload',
  DELETE: 'AbortMultipartUpload',
};
/** Sub-resources that make another operation of the same method and path. */
const OTHER_SUBRESOURCES = [
  'acl',
  'attributes',
  'legal-hold',
  'retention',
  'tagging',
  'torrent',
  'lifecycle',
];

function s3Operation(method: string, key: string, parameters: URLSearchParams, isCopy: boolean): string {
  if (OTHER_SUBRESOURCES.some((name) => parameters.has(name))) return UNKNOWN_OPERATION;
  if (key === '') return bucketOperation(method, parameters);
  if (parameters.has('uploads')) return method === 'POST' ? 'CreateMultipartUpload' : UNKNOWN_OPERATION;
  if (parameters.has('uploadId'))
    return isCopy ? UNKNOWN_OPERATION : (UPLOAD_OPERATIONS[method] ?? UNKNOWN_OPERATION);
  if (method === 'PUT' && isCopy) return 'CopyObject';
  return OBJECT_OPERATIONS[method] ?? UNKNOWN_OPERATION;
}

function bucketOperation(method: string, parameters: URLSearchParams): string {
  if (method === 'POST' && parameters.has('delete')) return 'DeleteObjects';
  if (method === 'HEAD') return 'HeadBucket';
  return method === 'GET' ? 'ListObjectsV2' : UNKNOWN_OPERATION;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parseJson(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(body.toString('utf8') || '{}') as Record<string, unknown>;
  } catch {
    return {};
  }
}
