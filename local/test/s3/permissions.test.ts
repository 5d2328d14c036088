import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { neededFor } from '../support/idle-services.ts';

describe('what IAM asks for a call of S3', () => {
  for (const [what, actual, expected] of [
    [
      'a look at an object is a permission to get it',
      neededFor('s3', 'HeadObject', {}, { bucket: 'b', key: 'k/1' }),
      [['s3:GetObject', 'arn:aws:s3:::b/k/1', {}]],
    ],
    [
      'a list is a permission on the bucket',
      neededFor('s3', 'ListObjectsV2', {}, { bucket: 'b' }),
      [['s3:ListBucket', 'arn:aws:s3:::b', {}]],
    ],
    [
      'a copy needs the target and the source',
      neededFor('s3', 'CopyObject', {}, { bucket: 'b', key: 'to', copySource: 'a/from' }),
      [
        ['s3:PutObject', 'arn:aws:s3:::b/to', {}],
        ['s3:GetObject', 'arn:aws:s3:::a/from', {}],
      ],
    ],
  ] as const)
    test(what, () => assert.deepEqual(actual, expected));
});
