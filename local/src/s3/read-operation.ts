import { type ReadOperation, UNKNOWN_OPERATION } from '../gateway/wire-call.ts';
import { decode } from '../host/json.ts';

/** The operation of S3 that method, path and query mean (API reference, "Request Syntax"). */
export const readS3Operation: ReadOperation = ({ method, headers, body }, path, parameters) => {
  const [bucket = '', ...rest] = path.slice(1).split('/');
  const key = decode(rest.join('/'));
  const copySource = decode(headers['x-amz-copy-source'] ?? '').replace(/^\//, '');
  const operation = s3Operation(method, key, parameters, copySource !== '');
  return {
    operation,
    input: operation === 'DeleteObjects' ? { keys: keysIn(body) } : {},
    bucket,
    ...(key !== '' && { key }),
    ...(copySource !== '' && { copySource }),
  };
};

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
