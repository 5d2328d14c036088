import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defined } from '../../../shared/base/defined.ts';

describe('defined', () => {
  test('leaves out a field that is undefined, and keeps the order of the others', () => {
    const fields = { stream: 'news', domain: undefined, name: 'a' };
    assert.deepEqual(Object.entries(defined(fields)), [
      ['stream', 'news'],
      ['name', 'a'],
    ]);
  });

  test('keeps what is null, false, zero or empty', () => {
    const fields = { reason: null, isQuick: false, count: 0, text: '' };
    assert.deepEqual(defined(fields), fields);
  });

  test('gives an object that an optional field takes', () => {
    const domain = undefined as string | undefined;
    const claims: { readonly tenant: string; readonly domain?: string } = {
      tenant: 'default',
      ...defined({ domain }),
    };
    assert.equal('domain' in claims, false);
  });
});
