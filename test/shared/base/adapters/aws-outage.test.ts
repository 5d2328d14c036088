import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isAwsOutage } from '../../../../shared/base/adapters/aws-outage.ts';

const awsError = (name: string, fields: object) => Object.assign(new Error(name), { name, ...fields });

describe('AWS outage', () => {
  const table: readonly [error: unknown, isOutage: boolean][] = [
    [awsError('InternalServerError', { $fault: 'server' }), true],
    [awsError('ProvisionedThroughputExceededException', { $fault: 'client' }), true],
    [awsError('ThrottlingException', { $fault: 'client' }), true],
    [awsError('AccessDeniedException', { $fault: 'client' }), true],
    [awsError('ResourceNotFoundException', { $fault: 'client' }), true],
    [awsError('TimeoutError', {}), true],
    [awsError('CredentialsProviderError', {}), true],
    [awsError('Error', { code: 'ECONNREFUSED' }), true],
    [awsError('Error', { code: 'ENOTFOUND' }), true],
    [awsError('Error', { code: 'ERR_STREAM_PREMATURE_CLOSE' }), true],
    [awsError('Error', { code: 'EMFILE' }), true],
    [awsError('SuppressionsUnreadError', { permanent: false }), true],
    [awsError('UnreadableRecordError', { permanent: true }), false],
    [awsError('ValidationException', { $fault: 'client' }), false],
    [awsError('TypeError', {}), false],
    [awsError('Error', { code: 'ERR_INVALID_ARG_TYPE' }), false],
    ['a text', false],
  ];
  for (const [error, expected] of table) {
    test(`an error ${expected ? 'counts' : 'does not count'} as an AWS outage: ${error instanceof Error ? `${error.message} ${JSON.stringify(error)}` : error}`, () => {
      assert.equal(isAwsOutage(error), expected);
    });
  }
});
