import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readSettings } from '../../../local/postlane.ts';
import { readDnsServers } from '../../../shared/runtime/env.ts';
import { registrableDomainOf } from '../../../shared/runtime/registrable-domain.ts';

test('DNS is asked where the environment says, else where the machine does', () => {
  assert.deepEqual(readDnsServers({}), {});
  assert.deepEqual(readDnsServers({ DNS_SERVERS: '127.0.0.1:53, [::1]:53' }), {
    servers: ['127.0.0.1:53', '[::1]:53'],
  });
});

describe('POSTLANE_DNS_SERVER', () => {
  test('POSTLANE_DNS_SERVER is an address with a port', () => {
    assert.equal(readSettings({ POSTLANE_DNS_SERVER: '127.0.0.1:5353' }).dnsServer, '127.0.0.1:5353');
    assert.equal(readSettings({}).dnsServer, undefined);
  });

  for (const text of ['localhost:53', '127.0.0.1', '53'])
    test(`POSTLANE_DNS_SERVER is not ${text}`, () => {
      assert.throws(() => readSettings({ POSTLANE_DNS_SERVER: text }), /POSTLANE_DNS_SERVER/);
    });
});

test('a zone is what is registered, also under a suffix of two labels', () => {
  assert.equal(registrableDomainOf('send.mail.acme.co.uk'), 'acme.co.uk');
  assert.equal(registrableDomainOf('mail.acme.test'), 'acme.test');
  assert.equal(registrableDomainOf('co.uk'), 'co.uk');
});
