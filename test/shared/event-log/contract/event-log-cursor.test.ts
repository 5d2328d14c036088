import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { decodeLogCursor, encodeLogCursor } from '../../../../shared/event-log/contract/event-log-cursor.ts';
import { CursorError } from '../../../../shared/event-log/ports.ts';
import { NOON } from '../../../support/messages/message-builders.ts';

const aCursor = fc.record(
  {
    block: fc.oneof(fc.nat(), fc.maxSafeNat()),
    index: fc.nat(65_535),
    seenEndAtEpochMs: fc.nat(4_000_000_000).map((seconds) => seconds * 1_000),
  },
  { requiredKeys: ['block', 'index'], noNullPrototype: true },
);

describe('a cursor as text', () => {
  test('is read back as it was, and fits into a URL', () => {
    fc.assert(
      fc.property(aCursor, (cursor) => {
        const text = encodeLogCursor(cursor);
        assert.match(text, /^[\w-]+$/);
        assert.deepEqual(decodeLogCursor(text), cursor);
      }),
    );
  });

  test('is short', () => {
    assert.ok(encodeLogCursor({ block: 9_999, index: 42 }).length <= 8);
    assert.ok(encodeLogCursor({ block: 9_999_999, index: 0, seenEndAtEpochMs: NOON }).length <= 18);
  });

  test('with the time at which the end was seen never says a later one', () => {
    const { seenEndAtEpochMs } = decodeLogCursor(
      encodeLogCursor({ block: 1, index: 0, seenEndAtEpochMs: 1_999 }),
    );
    assert.equal(seenEndAtEpochMs, 1_000);
  });

  test('that is cut, longer, mistyped or anything else is refused', () => {
    const text = encodeLogCursor({ block: 123_456, index: 7 });
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const mistyped = [...text].map((letter, at) => {
      const other = letters[(letters.indexOf(letter) + 1) % letters.length];
      return text.slice(0, at) + other + text.slice(at + 1);
    });
    const cut = [...text].map((_, at) => text.slice(0, at));
    for (const wrong of [
      ...mistyped,
      ...cut,
      `${text}A`,
      ` ${text}`,
      `${text}=`,
      text.toUpperCase(),
      'null',
      '%00',
      '0',
    ]) {
      assert.throws(() => decodeLogCursor(wrong), CursorError, wrong);
    }
  });

  test('of any text is a cursor or refused, and nothing else happens', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          decodeLogCursor(text);
        } catch (error) {
          assert.ok(error instanceof CursorError);
        }
      }),
    );
  });
});
