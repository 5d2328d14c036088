import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ApiKeyClaims } from '../../../shared/access/api-key.ts';
import { createToken, hashToken, verifyToken } from '../../../shared/access/api-key-token.ts';

const SECRET = randomBytes(32).toString('base64');

const someClaims = fc.record(
  {
    apiKeyId: fc.uuid(),
    tenant: fc.string({ minLength: 1 }),
    permission: fc.constantFrom('full_access', 'sending_access'),
    domain: fc.domain(),
    stream: fc.string(),
  },
  { requiredKeys: ['apiKeyId', 'tenant', 'permission'] },
) as fc.Arbitrary<ApiKeyClaims>;

describe('API key tokens', () => {
  test('API key tokens give back the claims they were made of', () => {
    fc.assert(
      fc.property(someClaims, (claims) => {
        assert.deepEqual(verifyToken(createToken(claims, SECRET), SECRET), { ...claims });
      }),
    );
  });

  test('API key tokens are refused once any character of them is another', () => {
    const token = createToken({ apiKeyId: 'id', tenant: 'default', permission: 'full_access' }, SECRET);
    for (let index = 0; index < token.length; index++) {
      for (const character of 'Aa0-_.=/+ \u00ff') {
        if (token[index] === character) continue;
        const tampered = token.slice(0, index) + character + token.slice(index + 1);
        assert.equal(verifyToken(tampered, SECRET), undefined, tampered);
      }
    }
  });

  test('API key tokens are refused where something is added, left out or signed with another secret', () => {
    const token = createToken({ apiKeyId: 'id', tenant: 'default', permission: 'full_access' }, SECRET);
    const other = randomBytes(32).toString('base64');
    for (const wrong of [`${token}A`, `${token}.`, `${token}=`, token.slice(0, -1), token.slice(3), '']) {
      assert.equal(verifyToken(wrong, SECRET), undefined, wrong);
    }
    assert.equal(verifyToken(token, other), undefined);
  });

  test('any text is refused as an API key token, and never thrown at', () => {
    const texts = fc.oneof(
      fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.string().map((text) => `re_${text}`),
      fc.tuple(fc.base64String(), fc.base64String()).map((parts) => `re_${parts.join('.')}`),
    );
    fc.assert(fc.property(texts, (text) => verifyToken(text, SECRET) === undefined));
  });

  test('API key tokens are made of `re_`, base64url and one dot, so that they fit a header', () => {
    fc.assert(
      fc.property(someClaims, (claims) => /^re_[\w-]+\.[\w-]{43}$/.test(createToken(claims, SECRET))),
    );
  });

  test('API key tokens are known by the SHA-256 of their text', () => {
    assert.equal(hashToken('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
