import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { billFor, unitsFor } from '../../support/idle-services.ts';

describe('a measured call', () => {
  test('counts its request once beside a surcharge', () => {
    const usages = billFor('sqs', 'SendMessage', { request: { MessageBody: 'a', MessageGroupId: 'tenant' } });
    assert.deepEqual(
      usages.map(({ requests }) => requests),
      [1, 0],
    );
  });

  test('names function, service and operation', () => {
    assert.deepEqual(billFor('sqs', 'SendMessage', { request: { MessageBody: 'a' } }), [
      {
        ...{ functionName: 'accept-message', service: 'sqs', operation: 'SendMessage' },
        ...{ requests: 1, units: 1, unit: '64KB chunk' },
      },
    ]);
  });

  test('takes the evaluated items of a filtered query', () => {
    const evaluated = [{ k: { S: 'x'.repeat(8 * 1024) } }];
    const request = { FilterExpression: 'a = b' };
    assert.deepEqual(unitsFor('dynamodb', 'Query', { request, evaluated }), [[1.5, 'RRU']]);
  });
});
