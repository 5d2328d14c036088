import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { itemSize } from '../../src/dynamodb/item-size.ts';

const base64 = (bytes: number) => Buffer.alloc(bytes, 1).toString('base64');

describe('the size of an item', () => {
  for (const [title, value, expected] of [
    ['counts the bytes of text', { S: 'abc' }, 3],
    ['counts UTF-8 and not characters', { S: 'é€' }, 5],
    ['counts two digits as a byte and one more', { N: '1234' }, 3],
    ['rounds an odd number of digits up', { N: '12345' }, 4],
    ['ignores zeros at both ends of a number', { N: '00120000' }, 2],
    ['ignores sign, point and exponent of a number', { N: '-1.5E+20' }, 2],
    ['counts decoded binary', { B: base64(10) }, 10],
    ['counts a boolean as one', { BOOL: false }, 1],
    ['counts null as one', { NULL: true }, 1],
    ['adds up a set of texts', { SS: ['ab', 'c'] }, 3],
    ['adds up a set of numbers', { NS: ['1', '22'] }, 4],
    ['adds up a set of binaries', { BS: [base64(2), base64(3)] }, 5],
    ['adds three to an empty list', { L: [] }, 3],
    ['adds one per element of a list', { L: [{ S: 'ab' }, { BOOL: true }] }, 3 + 2 + 3],
    ['adds three to an empty map', { M: {} }, 3],
    ['counts names and values within a map', { M: { ab: { S: 'c' }, d: { L: [] } } }, 3 + 2 + 3 + 4],
  ] as const) {
    test(title, () => assert.equal(itemSize({ n: value }), expected + 1));
  }

  test('counts attribute names in UTF-8', () => assert.equal(itemSize({ é: { S: '' }, ab: { S: '' } }), 4));

  test('the size of no attributes is nothing', () => assert.equal(itemSize({}), 0));

  test('the size of an unknown type is refused', () => {
    assert.throws(() => itemSize({ a: { X: '1' } }), /"X" is no DynamoDB type/);
  });

  test('the size of an item is the sum of its attributes for any texts', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string()), (texts) => {
        const entries = Object.entries(texts);
        const item = Object.fromEntries(entries.map(([name, text]) => [name, { S: text }]));
        const expected = entries.map(([name, text]) => Buffer.byteLength(name + text));
        assert.equal(
          itemSize(item),
          expected.reduce((total, bytes) => total + bytes, 0),
        );
      }),
    );
  });
});
