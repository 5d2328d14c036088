import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readSesCall } from '../../src/ses/call.ts';

describe('a request to SESv2', () => {
  const BASE = '/v2/email/identities';
  for (const [method, path, operation, parameters] of [
    ['POST', '/v2/email/outbound-emails', 'SendEmail', {}],
    ['POST', BASE, 'CreateEmailIdentity', {}],
    ['GET', `${BASE}/a%40acme.io`, 'GetEmailIdentity', { EmailIdentity: 'a@acme.io' }],
    ['DELETE', `${BASE}/acme.io`, 'DeleteEmailIdentity', { EmailIdentity: 'acme.io' }],
    [
      ...['PUT', `${BASE}/acme.io/dkim/signing`, 'PutEmailIdentityDkimSigningAttributes'],
      { EmailIdentity: 'acme.io' },
    ],
    ['GET', '/v2/email/dedicated-ips', 'GetDedicatedIps', {}],
    ['PUT', '/v2/email/dedicated-ips/192.0.2.1/pool', 'PutDedicatedIpInPool', { Ip: '192.0.2.1' }],
    ['POST', '/v2/email/tenants/resources/list', 'ListTenantResources', {}],
  ] as [string, string, string, Record<string, string>][]) {
    test(`the request ${method} ${path} is ${operation}`, () => {
      const call = readSesCall(method, path);
      assert.deepEqual([call?.operation, { ...call?.parameters }], [operation, parameters]);
    });
  }

  test('a request that is no call of SESv2 is unknown', () => {
    assert.equal(readSesCall('GET', `${BASE}/acme.io/policies`), undefined);
    assert.equal(readSesCall('PATCH', BASE), undefined);
  });
});
