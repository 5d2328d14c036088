import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  DOMAIN_STATUSES,
  domainStatus,
  IDENTITY_CHECKS,
  type IdentityCheck,
  isStale,
  maySend,
} from '../../../shared/domains/sending-domain.ts';
import { aDomain, anIdentity } from '../../support/domains/domain-world.ts';

const checks = fc.constantFrom(...IDENTITY_CHECKS);

describe('the status of a domain', () => {
  const verified = { isVerifiedForSending: true };
  const withMailFrom = (check: IdentityCheck) =>
    anIdentity('success', { mailFrom: { domain: 'send.acme.io', check } });
  const cases = [
    ['before it is said that the records are set', anIdentity('pending'), false, 'not_started'],
    ['while SES looks', anIdentity('pending'), true, 'pending'],
    ['when SES has found everything', anIdentity('success'), true, 'verified'],
    ['when SES found everything without being asked', anIdentity('success'), false, 'verified'],
    ['when SES has given up', anIdentity('failed'), true, 'failed'],
    ['when the keys alone are not found', anIdentity('pending', { dkim: 'failed' }), true, 'failed'],
    ['while SES cannot tell, and never could', anIdentity('temporary-failure'), false, 'pending'],
    ['while SES cannot tell what it knew', anIdentity('temporary-failure', verified), true, 'verified'],
    ['without a MAIL FROM yet', withMailFrom('pending'), true, 'partially_verified'],
    ['where its MAIL FROM is gone', withMailFrom('failed'), true, 'partially_failed'],
  ] as const;
  for (const [when, identity, isVerifyAsked, status] of cases) {
    test(`a domain is ${status} ${when}`, () => {
      assert.equal(domainStatus({ identity, isVerifyAsked }), status);
    });
  }

  test('a domain is failed where SES has no such identity any more', () => {
    const { identity: _gone, ...domain } = aDomain({ isVerifyAsked: true });
    assert.equal(domainStatus(domain), 'failed');
    assert.equal(maySend(domain), false);
  });

  test('the status of a domain is one of the contract, and lets mail go exactly where SES takes it', () => {
    fc.assert(
      fc.property(
        checks,
        checks,
        checks,
        fc.boolean(),
        fc.boolean(),
        (verification, dkim, check, takes, asked) => {
          const mailFrom = { domain: 'send.acme.io', check };
          const identity = anIdentity(verification, { dkim, mailFrom, isVerifiedForSending: takes });
          const status = domainStatus({ identity, isVerifyAsked: asked });
          assert.ok(DOMAIN_STATUSES.includes(status));
          assert.equal(['verified', 'partially_verified', 'partially_failed'].includes(status), takes);
          assert.equal(maySend(aDomain({ identity })), takes);
        },
      ),
    );
  });
});

test('a domain whose sending is switched off sends nothing', () => {
  const { settings } = aDomain();
  const domain = aDomain({
    identity: anIdentity('success'),
    settings: { ...settings, isSendingEnabled: false },
  });
  assert.equal(maySend(domain), false);
});

test('the answer of SES is old after five minutes', () => {
  const domain = aDomain({ identityReadAtEpochMs: 1_000 });
  assert.equal(isStale(domain, 301_000), false);
  assert.equal(isStale(domain, 301_001), true);
});
