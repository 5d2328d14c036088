import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainIdOf } from '../../../shared/domains/domain-id.ts';

test('the id of a domain is its UUIDv5, as in the example of RFC 9562 appendix A.4', () => {
  assert.equal(domainIdOf('www.example.com'), '2ed6657d-e927-568b-95e1-2665a8aea6a2');
});

test('the id of a domain does not depend on its case', () => {
  assert.equal(domainIdOf('Mail.Example.COM'), domainIdOf('mail.example.com'));
});
