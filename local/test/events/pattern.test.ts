import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parsePattern } from '../../src/events/pattern.ts';

const event = {
  source: 'aws.ses',
  'detail-type': 'Email Bounced',
  resources: ['arn:one', 'arn:two'],
  detail: { eventType: 'Bounce', mail: { tags: { 'ses:configuration-set': ['transactional'] } }, count: 3 },
};

describe('an event pattern', () => {
  for (const [pattern, isMatch] of [
    [{ source: ['aws.ses'] }, true],
    [{ source: ['aws.s3'] }, false],
    [{ source: ['aws.s3', 'aws.ses'] }, true],
    [{ resources: ['arn:two'] }, true],
    [{ resources: [{ prefix: 'arn:' }] }, true],
    [{ detail: { mail: { tags: { 'ses:configuration-set': ['transactional'] } } } }, true],
    [{ detail: { mail: { tags: { 'ses:configuration-set': ['other'] } } } }, false],
    [{ source: ['aws.ses'], detail: { eventType: ['Send'] } }, false],
    [{ detail: { eventType: [{ 'anything-but': ['Send', 'Open'] }] } }, true],
    [{ detail: { eventType: [{ 'anything-but': 'Bounce' }] } }, false],
    [{ detail: { eventType: [{ 'anything-but': { prefix: 'Bou' } }] } }, false],
    [{ detail: { missing: [{ exists: false }] } }, true],
    [{ detail: { count: [{ exists: true }] } }, true],
    [{ detail: { count: [3] } }, true],
    [{ detail: { count: ['3'] } }, false],
    [{ detail: { eventType: [{ 'equals-ignore-case': 'BOUNCE' }, { suffix: 'x' }] } }, true],
    [{ absent: { deep: ['x'] } }, false],
  ] as const)
    test(`${JSON.stringify(pattern)} ${isMatch ? 'matches' : 'does not match'}`, () => {
      assert.equal(parsePattern(pattern)(event), isMatch);
    });

  for (const pattern of [{ detail: { n: [{ numeric: ['>', 1] }] } }, { $or: [{ source: ['a'] }] }])
    test(`${JSON.stringify(pattern)} is refused by the name of its operator`, () => {
      assert.throws(() => parsePattern(pattern), /numeric|\$or/);
    });
});
