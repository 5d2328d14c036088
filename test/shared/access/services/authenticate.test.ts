import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ApiKeyClaims, ApiKeyRecord } from '../../../../shared/access/api-key.ts';
import { createToken, hashToken } from '../../../../shared/access/api-key-token.ts';
import { requireFullAccess, requireSender } from '../../../../shared/access/contract/permissions.ts';
import { createAuthenticate } from '../../../../shared/access/services/authenticate.ts';
import { ContractError } from '../../../../shared/base/contract/errors.ts';
import { TENANTS } from '../../../support/streams/stream-builders.ts';

const SECRET = Buffer.from('a secret of our own').toString('base64');
const claims: ApiKeyClaims = { apiKeyId: 'key-1', tenant: 'default', permission: 'full_access' };
const token = createToken(claims, SECRET);
const record: ApiKeyRecord = {
  ...claims,
  name: 'First',
  tokenHash: hashToken(token),
  createdAt: '2026-11-23T12:00:00.000Z',
};

function authenticateWith(found: ApiKeyRecord | undefined | Error) {
  const find = async () => {
    if (found instanceof Error) throw found;
    return found;
  };
  const authenticate = createAuthenticate({
    apiKeys: { find },
    signingKeys: { current: async () => SECRET },
    streams: { tenants: TENANTS },
  });
  return async (authorization?: string) => {
    try {
      return await authenticate(authorization === undefined ? {} : { authorization });
    } catch (error) {
      assert.ok(error instanceof ContractError);
      return [error.problem.statusCode, error.problem.name];
    }
  };
}

describe('authentication', () => {
  test('answers the claims of a token of ours', async () => {
    const authenticate = authenticateWith(record);
    for (const header of [`Bearer ${token}`, `bearer  ${token} `]) {
      assert.deepEqual(await authenticate(header), claims);
    }
  });

  test('a request without a key is a 401', async () => {
    const authenticate = authenticateWith(record);
    for (const header of [undefined, '', '  ']) {
      assert.deepEqual(await authenticate(header), [401, 'missing_api_key']);
    }
  });

  test('a request with anything that is no key of ours is a 403', async () => {
    const authenticate = authenticateWith(record);
    const foreign = createToken(claims, Buffer.from('another secret').toString('base64'));
    const bad = [
      token,
      `Basic ${token}`,
      'Bearer',
      'Bearer re_x',
      `Bearer ${foreign}`,
      `Bearer ${token}x`,
      `Bearer ${token} x`,
    ];
    for (const header of bad) assert.deepEqual(await authenticate(header), [403, 'invalid_api_key']);
  });

  test('a deleted key, and a token that was signed anew, is a 403', async () => {
    assert.deepEqual(await authenticateWith(undefined)(`Bearer ${token}`), [403, 'invalid_api_key']);
    const renewed = { ...record, tokenHash: hashToken('another') };
    assert.deepEqual(await authenticateWith(renewed)(`Bearer ${token}`), [403, 'invalid_api_key']);
  });

  test('a request is a 503 while keys cannot be looked up: nothing was done', async () => {
    const answer = await authenticateWith(new Error('down'))(`Bearer ${token}`);
    assert.deepEqual(answer, [503, 'application_error']);
  });
});

describe('permissions', () => {
  const sending: ApiKeyClaims = { ...claims, permission: 'sending_access', domain: 'example.com' };
  const nameOf = (work: () => void) => {
    try {
      work();
      return undefined;
    } catch (error) {
      return error instanceof ContractError ? [error.problem.statusCode, error.problem.name] : error;
    }
  };

  test('permissions keep a sending key from everything but sending', () => {
    assert.equal(
      nameOf(() => requireFullAccess(claims)),
      undefined,
    );
    assert.deepEqual(
      nameOf(() => requireFullAccess(sending)),
      [401, 'restricted_api_key'],
    );
  });

  test('permissions keep a bound key to its domain', () => {
    assert.equal(
      nameOf(() => requireSender(sending, 'example.com')),
      undefined,
    );
    assert.deepEqual(
      nameOf(() => requireSender(sending, 'example.net')),
      [403, 'validation_error'],
    );
    assert.equal(
      nameOf(() => requireSender(claims, 'example.net')),
      undefined,
    );
  });
});
