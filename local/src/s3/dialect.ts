import { escapeXml, xmlReply } from '../gateway/aws-error.ts';
import type { Dialect } from '../gateway/dialect.ts';
import { readS3Operation } from './read-operation.ts';

export const S3_DIALECT: Dialect = {
  signingNames: ['s3'],
  readOperation: readS3Operation,
  error: (status, code, message) =>
    xmlReply(status, `<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`),
  denied: [403, 'AccessDenied'],
  unrecognised: 'InvalidAccessKeyId',
  throttled: [503, 'SlowDown', 'Please reduce your request rate.'],
  failed: 'InternalFailure',
};
