import { S3Client } from '@aws-sdk/client-s3';

const CONNECTION_TIMEOUT_MS = 1_000;
/** Time-out of a request: objects of up to 40 MB travel in one. */
const REQUEST_TIMEOUT_MS = 10_000;

export function createS3Client(): S3Client {
  return new S3Client({
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  });
}
