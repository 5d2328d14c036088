import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { neededFor } from '../support/idle-services.ts';

const BUS = 'arn:aws:events:us-east-1:000000000000:event-bus';

describe('what IAM asks for a call of EventBridge', () => {
  for (const [what, actual, expected] of [
    [
      'events need each bus once, by name or ARN, and the default one where none is named',
      neededFor('events', 'PutEvents', {
        Entries: [{ EventBusName: 'own' }, { EventBusName: `${BUS}/own` }, {}],
      }),
      [
        ['events:PutEvents', `${BUS}/own`, {}],
        ['events:PutEvents', `${BUS}/default`, {}],
      ],
    ],
  ] as const)
    test(what, () => assert.deepEqual(actual, expected));
});
