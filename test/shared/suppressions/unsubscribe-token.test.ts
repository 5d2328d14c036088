import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createToken, verifyToken } from '../../../shared/access/api-key-token.ts';
import {
  createUnsubscribeToken,
  type UnsubscribeClaims,
  verifyUnsubscribeToken,
} from '../../../shared/suppressions/unsubscribe-token.ts';

const SECRET = randomBytes(32).toString('base64');

const claims: UnsubscribeClaims = {
  tenant: 'default',
  stream: 'broadcast',
  messageId: '01a207d9-2100-7abc-8def-0123456789ab',
  address: 'ann.someone+news@mail.example.net',
};

const someClaims: fc.Arbitrary<UnsubscribeClaims> = fc.record({
  tenant: fc.string(),
  stream: fc.string(),
  messageId: fc.uuid(),
  address: fc.oneof(fc.emailAddress(), fc.string({ unit: 'binary' })),
});

describe('unsubscribe tokens', () => {
  test('unsubscribe tokens give back the claims they were made of', () => {
    fc.assert(
      fc.property(someClaims, (some) => {
        assert.deepEqual(verifyUnsubscribeToken(createUnsubscribeToken(some, SECRET), SECRET), { ...some });
      }),
    );
  });

  test('unsubscribe tokens are the same for the same claims, and other ones for any other', () => {
    fc.assert(
      fc.property(someClaims, someClaims, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        assert.equal(
          createUnsubscribeToken(one, SECRET) === createUnsubscribeToken({ ...other }, SECRET),
          isSame,
        );
      }),
    );
  });

  test('unsubscribe tokens are refused once any byte of them is another', () => {
    const token = createUnsubscribeToken(claims, SECRET);
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.integer({ min: 1, max: 255 }), (index, flip) => {
        const bytes = Buffer.from(token, 'latin1');
        bytes[index] = (bytes[index] ?? 0) ^ flip;
        assert.equal(verifyUnsubscribeToken(bytes.toString('latin1'), SECRET), undefined);
      }),
      { numRuns: 1_000 },
    );
  });

  test('unsubscribe tokens tell capitals from small letters: every letter that is turned makes another', () => {
    const token = createUnsubscribeToken(claims, SECRET);
    for (const [index, letter] of [...token].entries()) {
      const turned = letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase();
      if (turned === letter) continue;
      const other = token.slice(0, index) + turned + token.slice(index + 1);
      assert.equal(verifyUnsubscribeToken(other, SECRET), undefined, String(index));
    }
  });

  test('unsubscribe tokens are refused with the signature of other claims', () => {
    const macOf = (overrides: Partial<UnsubscribeClaims>) =>
      createUnsubscribeToken({ ...claims, ...overrides }, SECRET).split('.')[1];
    const [payload] = createUnsubscribeToken(claims, SECRET).split('.');
    for (const other of [{ tenant: 'acme' }, { stream: 'news' }, { address: 'bob@example.net' }])
      assert.equal(verifyUnsubscribeToken(`${payload}.${macOf(other)}`, SECRET), undefined);
    assert.deepEqual(verifyUnsubscribeToken(`${payload}.${macOf({})}`, SECRET), claims);
  });

  test('unsubscribe tokens are refused where a part is added, left out or signed with another secret', () => {
    const token = createUnsubscribeToken(claims, SECRET);
    const other = randomBytes(32).toString('base64');
    for (const wrong of [`${token}A`, `${token}.`, `${token}=`, `${token}>`, token.slice(0, -1), '', '.'])
      assert.equal(verifyUnsubscribeToken(wrong, SECRET), undefined, wrong);
    assert.equal(verifyUnsubscribeToken(token, other), undefined);
  });

  test('any text is refused as an unsubscribe token, and never thrown at', () => {
    const texts = fc.oneof(
      fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.tuple(fc.base64String(), fc.base64String()).map((parts) => parts.join('.')),
    );
    fc.assert(fc.property(texts, (text) => verifyUnsubscribeToken(text, SECRET) === undefined));
  });

  test('unsubscribe tokens are no API keys, and API keys are no unsubscribe tokens', () => {
    const apiKey = createToken({ apiKeyId: 'id', tenant: 'default', permission: 'full_access' }, SECRET);
    for (const text of [apiKey, apiKey.slice(3)])
      assert.equal(verifyUnsubscribeToken(text, SECRET), undefined);
    const token = createUnsubscribeToken(claims, SECRET);
    for (const text of [token, `re_${token}`]) assert.equal(verifyToken(text, SECRET), undefined);
  });

  test('unsubscribe tokens need no encoding in a path, and are short enough for a header', () => {
    fc.assert(
      fc.property(someClaims, (some) => /^[\w-]+\.[\w-]{43}$/.test(createUnsubscribeToken(some, SECRET))),
    );
    assert.ok(createUnsubscribeToken(claims, SECRET).length < 200);
    const longest = {
      ...claims,
      tenant: 't'.repeat(64),
      stream: 's'.repeat(32),
      address: `${'a'.repeat(64)}@${'d'.repeat(189)}`,
    };
    assert.ok(createUnsubscribeToken(longest, SECRET).length < 600);
  });
});
