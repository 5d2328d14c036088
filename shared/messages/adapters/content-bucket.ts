import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Objects } from '../ports.ts';

/** DeleteObjects takes this many keys at once. */
const KEYS_PER_DELETE = 1000;

/** Bodies and attachments in S3. Signing links is apart (`content-links.ts`): few functions do, and it must be loaded. */
export function createContentBucket(client: S3Client, Bucket: string): Omit<Objects, 'signedUrl'> {
  return {
    async put(Key, Body, ContentType) {
      await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType }));
    },

    async get(Key) {
      const answer = await unlessMissing(client.send(new GetObjectCommand({ Bucket, Key })));
      return answer?.Body?.transformToByteArray();
    },

    async sizeOf(Key) {
      return (await unlessMissing(client.send(new HeadObjectCommand({ Bucket, Key }))))?.ContentLength;
    },

    async delete(keys) {
      for (let start = 0; start < keys.length; start += KEYS_PER_DELETE) {
        const Objects = keys.slice(start, start + KEYS_PER_DELETE).map((Key) => ({ Key }));
        const { Errors } = await client.send(
          new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
        );
        if (Errors?.length) throw new ObjectsNotDeletedError(Errors.map(({ Code }) => Code ?? 'unknown'));
      }
    },
  };
}

/** Error that S3 answered the request and kept some of the objects; deleting again is harmless. */
class ObjectsNotDeletedError extends Error {
  override readonly name = 'ObjectsNotDeletedError';
  readonly permanent = false;

  constructor(codes: readonly string[]) {
    super(`${codes.length} objects were not deleted: ${[...new Set(codes)].join(', ')}`);
  }
}

/**
 * Answers undefined for a missing object. Without the right to list a bucket S3 answers AccessDenied instead;
 * our roles have none, and 403 is then no absence.
 */
async function unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof NoSuchKey || error instanceof NotFound) return undefined;
    throw error;
  }
}
