import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type BilledCall, unitsFor } from '../support/idle-services.ts';

describe('S3 on the bill', () => {
  for (const [title, call, expected] of [
    ['S3 bills a put', { operation: 'PutObject' }, [[1, 'PUT']]],
    ['S3 bills a list as a put', { operation: 'ListObjectsV2' }, [[1, 'PUT']]],
    ['S3 bills a get', { operation: 'GetObject' }, [[1, 'GET']]],
    ['S3 bills a head as a get', { operation: 'HeadObject' }, [[1, 'GET']]],
    ['S3 counts a delete', { operation: 'DeleteObject' }, [[1, 'DELETE']]],
    ['S3 bills nothing for a failed put', { operation: 'PutObject', status: 500 }, []],
  ] as const) {
    const { operation, ...rest }: BilledCall & { operation: string } = call;
    test(title, () => assert.deepEqual(unitsFor('s3', operation, rest), expected));
  }
});
