import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  entryBytes,
  type PutEventsEntry,
  refuseEntry,
  toBusEvent,
} from '../../src/events/put-events-entry.ts';

const anEntry = (overrides: Partial<PutEventsEntry> = {}): PutEventsEntry => ({
  ...{ Source: 'postlane', DetailType: 'email.sent', Detail: '{"a":1}' },
  ...overrides,
});

describe('an entry of PutEvents', () => {
  test('an entry of PutEvents is taken with a source, a type and a detail', () => {
    assert.equal(refuseEntry(anEntry()), undefined);
  });

  for (const [title, overrides, code, message] of [
    ['without a source', { Source: '' }, 'InvalidArgument', /Source is a required argument/],
    ['without a type', { DetailType: '' }, 'InvalidArgument', /DetailType is a required argument/],
    ['without a detail', { Detail: '' }, 'InvalidArgument', /Detail is a required argument/],
    ['with a detail that is no JSON', { Detail: '{' }, 'MalformedDetail', /Detail is malformed/],
    ['with a detail that is a list', { Detail: '[]' }, 'MalformedDetail', /Detail is malformed/],
    ['with a detail that is null', { Detail: 'null' }, 'MalformedDetail', /Detail is malformed/],
    ['in the name of AWS', { Source: 'aws.ses' }, 'NotAuthorizedForSourceException', /Not authorized/],
  ] as const)
    test(`an entry of PutEvents is refused ${title}`, () => {
      const refused = refuseEntry(anEntry(overrides)) ?? assert.fail();
      assert.equal(refused.ErrorCode, code);
      assert.match(refused.ErrorMessage, message);
    });

  test('an entry counts its texts in bytes, and 14 for its time', () => {
    assert.equal(entryBytes(anEntry({ Source: 'ü', DetailType: 'b', Detail: '{}' })), 5);
    assert.equal(entryBytes(anEntry({ Source: '', DetailType: '', Detail: '', Time: 1 })), 14);
    assert.equal(entryBytes(anEntry({ Source: '', DetailType: '', Detail: '', Resources: ['ab', 'c'] })), 3);
  });

  test('an entry becomes the event of EventBridge', () => {
    const origin = {
      id: 'id',
      account: '0',
      region: 'us-east-1',
      nowMs: Date.parse('2026-11-23T10:00:00.500Z'),
    };
    assert.deepEqual(toBusEvent(anEntry(), origin), {
      ...{ version: '0', id: 'id', 'detail-type': 'email.sent', source: 'postlane', account: '0' },
      ...{ time: '2026-11-23T10:00:00Z', region: 'us-east-1', resources: [], detail: { a: 1 } },
    });
    const event = toBusEvent(anEntry({ Time: 0, Resources: ['arn:x'] }), origin);
    assert.partialDeepStrictEqual(event, { time: '1970-01-01T00:00:00Z', resources: ['arn:x'] });
  });
});
