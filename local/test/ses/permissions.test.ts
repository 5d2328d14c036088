import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { neededFor } from '../support/idle-services.ts';

const SES = 'arn:aws:ses:us-east-1:000000000000';

describe('what IAM asks for a call of SES', () => {
  for (const [what, actual, expected] of [
    [
      'a call about an SES identity names it',
      neededFor('ses', 'GetEmailIdentity', { EmailIdentity: 'Acme.io' }),
      [['ses:GetEmailIdentity', `${SES}:identity/acme.io`, {}]],
    ],
    [
      'a call about a dedicated IP pool names it',
      neededFor('ses', 'GetDedicatedIps', { PoolName: 'own' }),
      [['ses:GetDedicatedIps', `${SES}:dedicated-ip-pool/own`, {}]],
    ],
    [
      'a call about no resource of SES asks for all',
      neededFor('ses', 'PutAccountDedicatedIpWarmupAttributes', { AutoWarmupEnabled: false }),
      [['ses:PutAccountDedicatedIpWarmupAttributes', '*', {}]],
    ],
    [
      'an association needs the tenant and the resource',
      neededFor('ses', 'CreateTenantResourceAssociation', {
        TenantName: 'acme',
        ResourceArn: `${SES}:identity/acme.io`,
      }),
      [
        ['ses:CreateTenantResourceAssociation', `${SES}:tenant/acme/*`, {}],
        ['ses:CreateTenantResourceAssociation', `${SES}:identity/acme.io`, {}],
      ],
    ],
    [
      'a mail of a tenant says whose it is',
      neededFor('ses', 'SendEmail', { FromEmailAddress: 'ada@example.com', TenantName: 'acme' }),
      [
        [
          'ses:SendEmail',
          `${SES}:identity/example.com`,
          { 'ses:fromaddress': 'ada@example.com', 'ses:tenantname': 'acme' },
        ],
      ],
    ],
    [
      'a mail needs the identity of its From domain and the configuration set',
      neededFor('ses', 'SendEmail', {
        FromEmailAddress: '"A, <b>" <ada@Example.com>',
        ConfigurationSetName: 'main',
      }),
      [
        ['ses:SendEmail', `${SES}:identity/example.com`, { 'ses:fromaddress': 'ada@Example.com' }],
        ['ses:SendEmail', `${SES}:configuration-set/main`, { 'ses:fromaddress': 'ada@Example.com' }],
      ],
    ],
  ] as const)
    test(what, () => assert.deepEqual(actual, expected));
});
