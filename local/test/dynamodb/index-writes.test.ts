import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type IndexShape, indexWriteUnits } from '../../src/dynamodb/index-writes.ts';

const anIndex = (overrides: Partial<IndexShape> = {}): IndexShape => ({
  keys: ['state'],
  projected: ['id'],
  ...overrides,
});
const anItem = (state: string | undefined, more: object = {}) => ({
  id: { S: 'a' },
  ...(state === undefined ? {} : { state: { S: state } }),
  ...more,
});
const large = { text: { S: 'x'.repeat(2500) } };

describe('write units of an index', () => {
  for (const [what, index, before, after, units] of [
    ['a new entry is one', anIndex(), undefined, anItem('queued'), 1],
    ['a new entry is as large as what is projected', anIndex(), undefined, anItem('queued', large), 1],
    [
      'a new entry is as large as its item where all is projected',
      anIndex({ projected: 'ALL' }),
      undefined,
      anItem('queued', large),
      3,
    ],
    ['an item without the index key is none', anIndex(), undefined, anItem(undefined), 0],
    ['an entry that goes is one', anIndex(), anItem('queued'), anItem(undefined), 1],
    ['an entry that goes with its item is one', anIndex(), anItem('queued'), undefined, 1],
    ['a changed index key is a removal and an entry', anIndex(), anItem('queued'), anItem('sent'), 2],
    ['a change that is not projected is none', anIndex(), anItem('queued'), anItem('queued', large), 0],
    [
      'a projected change follows the larger entry',
      anIndex({ projected: 'ALL' }),
      anItem('queued', large),
      anItem('queued'),
      3,
    ],
  ] as const)
    test(`counts the write units of an index: ${what} (${units})`, () =>
      assert.equal(indexWriteUnits([index], before, after), units));

  test('write units add up over indexes', () => {
    assert.equal(indexWriteUnits([anIndex(), anIndex({ keys: ['id'] })], undefined, anItem('x')), 2);
  });
});
