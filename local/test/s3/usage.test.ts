import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type BilledCall, unitsFor } from '../support/idle-services.ts';

describe('S3 on the bill', () => {
  for (const [title, call, expected] of [
    ['bill a put', { operation: 'PutObject' }, [[1, 'PUT']]],
    ['bill a list as a put', { operation: 'ListObjectsV2' }, [[1, 'PUT']]],
    ['bill a get', { operation: 'GetObject' }, [[1, 'GET']]],
    ['bill a head as a get', { operation: 'HeadObject' }, [[1, 'GET']]],
    ['count a delete', { operation: 'DeleteObject' }, [[1, 'DELETE']]],
    ['bill nothing for a failed put', { operation: 'PutObject', status: 500 }, []],
  ] as const) {
    const { operation, ...rest }: BilledCall & { operation: string } = call;
    test(title, () => assert.deepEqual(unitsFor('s3', operation, rest), expected));
  }
});
