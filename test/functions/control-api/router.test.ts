import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { matchRoute, type Route, segmentsOf } from '../../../functions/control-api/router.ts';

const ROUTES: readonly Route<string>[] = [
  { method: 'POST', pattern: '/emails', handler: 'send' },
  { method: 'POST', pattern: '/emails/batch', handler: 'batch' },
  { method: '*', pattern: '/emails/receiving/**', handler: 'receiving' },
  { method: 'GET', pattern: '/emails', handler: 'list' },
  { method: 'GET', pattern: '/emails/{id}', handler: 'show' },
  { method: 'GET', pattern: '/emails/{id}/attachments/{attachmentId}', handler: 'attachment' },
  { method: 'DELETE', pattern: '/suppressions/{idOrEmail+}', handler: 'remove' },
];

const found = (method: string, path: string) => {
  const match = matchRoute(ROUTES, method, path);
  return match.kind === 'found' ? [match.handler, match.params] : match.kind;
};

describe('the router', () => {
  test('finds a route by method and path, and names its variable segments', () => {
    assert.deepEqual(found('GET', '/emails'), ['list', {}]);
    assert.deepEqual(found('GET', '/emails/abc'), ['show', { id: 'abc' }]);
    assert.deepEqual(found('GET', '/emails/a/attachments/b'), ['attachment', { id: 'a', attachmentId: 'b' }]);
  });

  test('takes a literal segment before a variable one, also where only the method differs', () => {
    assert.deepEqual(found('POST', '/emails/batch'), ['batch', {}]);
    assert.equal(found('GET', '/emails/batch'), 'wrong-method');
  });

  test('takes any rest, and any method, where a pattern is open', () => {
    for (const path of ['/emails/receiving', '/emails/receiving/a/b']) {
      assert.deepEqual(found('PUT', path), ['receiving', {}]);
    }
  });

  test('says which methods a known path takes', () => {
    assert.deepEqual(matchRoute(ROUTES, 'DELETE', '/emails'), {
      kind: 'wrong-method',
      allowed: ['POST', 'GET'],
    });
  });

  test('the router does not know other paths', () => {
    for (const path of ['/', '', '/email', '/emails/a/b', '/EMAILS', '/emails/a/attachments/b/c']) {
      assert.equal(found('GET', path), 'unknown', path);
    }
  });

  test('reads a path the same with doubled slashes and one at its end', () => {
    const segment = fc.stringMatching(/^[a-z0-9@+.~-]{1,8}$/);
    const slashes = fc.stringMatching(/^\/{1,3}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(slashes, segment)), fc.stringMatching(/^\/{0,3}$/), (parts, end) => {
        const path = parts.flat().join('') + end;
        assert.deepEqual(
          segmentsOf(path),
          parts.map(([, each]) => each),
        );
      }),
    );
  });

  test('decodes nothing again, so that an address with a percent sign is that one', () => {
    assert.deepEqual(segmentsOf('/suppressions/%41da@example.org'), ['suppressions', '%41da@example.org']);
    assert.deepEqual(segmentsOf('/%ff/%'), ['%ff', '%']);
  });

  test('gives an address with slashes to `{name+}` whole', () => {
    const local = fc.stringMatching(/^[a-z/%]{0,6}[a-z]$/);
    fc.assert(
      fc.property(
        local,
        fc.stringMatching(/^\/{1,2}$/),
        fc.stringMatching(/^\/{0,2}$/),
        (name, start, end) => {
          const address = `${name}@example.org`;
          const params = { idOrEmail: address };
          assert.deepEqual(found('DELETE', `${start}suppressions/${address}${end}`), ['remove', params]);
        },
      ),
    );
    assert.equal(found('DELETE', '/suppressions'), 'unknown');
    assert.equal(found('DELETE', '/suppressions/'), 'unknown');
  });

  test('answers for every path, with any text', () => {
    fc.assert(
      fc.property(
        fc.uint8Array().map((bytes) => `/${Buffer.from(bytes).toString('latin1')}`),
        fc.string(),
        (path, method) => {
          assert.ok(['found', 'wrong-method', 'unknown'].includes(matchRoute(ROUTES, method, path).kind));
        },
      ),
    );
  });
});
