import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { packDigits, unpackDigits } from '../../../../shared/event-log/contract/packed-digits.ts';

const IDS = ['019ab000-0000-7001-8002-000000000003', '019ab000-0000-7001-8002-000000000004'] as const;

describe('the digits of UUIDs', () => {
  test('come back where they were, whatever is around them', () => {
    const words = fc.oneof(fc.uuid(), fc.constantFrom(...IDS), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(words), (values) => {
        const json = JSON.stringify(values);
        assert.equal(unpackDigits(packDigits(json)), json);
      }),
    );
  });

  test('are there once as bytes, and their time stays in the text', () => {
    const [one, other] = IDS;
    const { text, digits } = packDigits(JSON.stringify([one, other, one, other]));
    assert.equal(digits.length, 20);
    assert.equal(text.match(/019ab000-0000/g)?.length, 4);
    assert.ok(!text.includes('7001'));
  });

  test('stay in the text where they are written otherwise', () => {
    for (const written of ['019AB000-0000-7001-8002-00000000000A', IDS[0].replaceAll('-', '')]) {
      assert.equal(packDigits(JSON.stringify([written])).digits.length, 0);
    }
  });

  test('that are missing are told', () => {
    const { text, digits } = packDigits(JSON.stringify(IDS));
    assert.throws(() => unpackDigits({ text, digits: digits.subarray(0, 19) }), RangeError);
    assert.throws(() => unpackDigits({ text: '\u00021;', digits }), RangeError);
  });
});
