import type { Hop, HopRequest, HopResponse } from '../emulators/http-hop.ts';

/** The emulator takes no larger body; S3 takes 5 GB in one PutObject. */
const LARGEST_BODY_BYTES = 10 * 1024 * 1024;
const PART_HEADERS = /^(content-(length|md5|encoding)|x-amz-(checksum|content|decoded|trailer|sdk))/;

export const isTooLarge = ({ body }: HopRequest): boolean => body.length > LARGEST_BODY_BYTES;

/** PutObject of a body that the emulator would refuse, as an upload in parts. */
export async function putInParts(hop: Hop, request: HopRequest): Promise<HopResponse> {
  const [path = ''] = request.path.split('?');
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => !PART_HEADERS.test(name)),
  );
  const send = (method: string, query: string, body: Buffer) =>
    hop.send({ method, path: `${path}?${query}`, headers, body });

  const created = await send('POST', 'uploads=', Buffer.alloc(0));
  const uploadId = /<UploadId>([^<]+)<\/UploadId>/.exec(created.body.toString('utf8'))?.[1];
  if (uploadId === undefined) return created;

  const parts: string[] = [];
  for (const [index, part] of partsOf(plainBody(request)).entries()) {
    const { headers: answered } = await send('PUT', `partNumber=${index + 1}&uploadId=${uploadId}`, part);
    parts.push(`<Part><PartNumber>${index + 1}</PartNumber><ETag>${answered.etag}</ETag></Part>`);
  }
  const list = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
  const completed = await send('POST', `uploadId=${uploadId}`, list);
  const etag = /<ETag>([^<]+)<\/ETag>/.exec(completed.body.toString('utf8'))?.[1];
  if (completed.status !== 200 || etag === undefined) return completed;
  return { status: 200, headers: { etag: etag.replaceAll('&quot;', '"') }, body: Buffer.alloc(0) };
}

function partsOf(body: Buffer): Buffer[] {
  const count = Math.ceil(body.length / LARGEST_BODY_BYTES);
  return Array.from({ length: count }, (_, index) =>
    body.subarray(index * LARGEST_BODY_BYTES, (index + 1) * LARGEST_BODY_BYTES),
  );
}

/** The SDK sends streams as `aws-chunked`: `<hex size>[;signature]`, the bytes, and again, up to a chunk of none. */
function plainBody({ headers, body }: HopRequest): Buffer {
  if (!headers['content-encoding']?.includes('aws-chunked')) return body;
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const lineEnd = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('latin1', at, lineEnd), 16);
    if (lineEnd < 0 || !(size > 0)) break;
    chunks.push(body.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(chunks);
}
