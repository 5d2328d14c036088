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
    [{ detail: { mail: { tags: { 'ses:configuration-set': ['transactional'] } } } }, true],
    [{ detail: { mail: { tags: { 'ses:configuration-set': ['other'] } } } }, false],
    [{ source: ['aws.ses'], detail: { eventType: ['Send'] } }, false],
    [{ detail: { missing: [{ exists: false }] } }, true],
    [{ detail: { count: [{ exists: true }] } }, true],
    [{ detail: { count: [3] } }, true],
    [{ detail: { count: ['3'] } }, false],
    [{ absent: { deep: ['x'] } }, false],
  ] as const)
    test(`the pattern ${JSON.stringify(pattern)} ${isMatch ? 'matches' : 'does not match'}`, () => {
      assert.equal(parsePattern(pattern)(event), isMatch);
    });

  for (const [pattern, operator] of [
    [{ detail: { n: [{ numeric: ['>', 1] }] } }, 'numeric'],
    [{ $or: [{ source: ['a'] }] }, '$or'],
    [{ resources: [{ prefix: 'arn:' }] }, 'prefix'],
    [{ detail: { eventType: [{ 'anything-but': ['Send', 'Open'] }] } }, 'anything-but'],
    [{ detail: { eventType: [{ 'anything-but': 'Bounce' }] } }, 'anything-but'],
    [{ detail: { eventType: [{ 'anything-but': { prefix: 'Bou' } }] } }, 'anything-but'],
    [{ detail: { eventType: [{ 'equals-ignore-case': 'BOUNCE' }, { suffix: 'x' }] } }, 'equals-ignore-case'],
    [{ detail: { eventType: [{ suffix: 'x' }] } }, 'suffix'],
  ] as const)
    test(`the pattern ${JSON.stringify(pattern)} is refused by the name of its operator`, () => {
      assert.throws(
        () => parsePattern(pattern),
        ({ message }: Error) => message.endsWith(`does not know the event pattern operator ${operator}`),
      );
    });
});
