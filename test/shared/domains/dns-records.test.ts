import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type DnsAnswer,
  type DnsRecord,
  dnsRecordsOf,
  findingOf,
  nameInZone,
  RECORD_STATUSES,
  recordKey,
  recordStatus,
} from '../../../shared/domains/dns-records.ts';
import {
  type DnsFinding,
  IDENTITY_CHECKS,
  type IdentityState,
} from '../../../shared/domains/sending-domain.ts';
import { aDomain, anIdentity } from '../../support/domains/domain-world.ts';

const REGION = 'eu-west-1';

const recordOf = (purpose: DnsRecord['purpose'], domain = aDomain()): DnsRecord => {
  const record = dnsRecordsOf(domain, REGION).find((each) => each.purpose === purpose);
  assert.ok(record);
  return record;
};
const answered = (...values: string[]): DnsAnswer => ({ kind: 'answered', values });

describe('the records of a domain', () => {
  test('the records of a domain are three selectors, a MAIL FROM with its SPF, and a DMARC policy', () => {
    const lines = dnsRecordsOf(aDomain(), REGION).map(
      ({ fullName, type, priority, value }) => `${fullName} ${type} ${priority ?? ''} ${value}`,
    );
    assert.deepEqual(lines, [
      'one._domainkey.acme.io CNAME  one.dkim.amazonses.com',
      'two._domainkey.acme.io CNAME  two.dkim.amazonses.com',
      'three._domainkey.acme.io CNAME  three.dkim.amazonses.com',
      'send.acme.io MX 10 feedback-smtp.eu-west-1.amazonses.com',
      'send.acme.io TXT  v=spf1 include:amazonses.com ~all',
      '_dmarc.acme.io TXT  v=DMARC1; p=none; rua=mailto:dmarc@acme.io',
    ]);
  });

  test('the records of a domain have a CNAME for the tracking subdomain where there is one', () => {
    const { settings } = aDomain();
    const domain = aDomain({ settings: { ...settings, trackingSubdomain: 'links' } });
    const { fullName, type, value } = recordOf('tracking', domain);
    assert.deepEqual([fullName, type, value], ['links.acme.io', 'CNAME', 'r.eu-west-1.awstrack.me']);
  });

  test("records keep an adopted identity's own MAIL FROM, and leave out a key that was brought", () => {
    const mailFrom = { domain: 'bounce.acme.io', check: 'success' } as const;
    const domain = aDomain({ identity: anIdentity('success', { mailFrom, dkimTokens: [] }) });
    assert.equal(recordOf('SPF', domain).fullName, 'bounce.acme.io');
    assert.ok(!dnsRecordsOf(domain, REGION).some(({ purpose }) => purpose === 'DKIM'));
  });

  test('records are named as the form of their zone asks for them', () => {
    assert.equal(nameInZone('send.mail.acme.io', 'acme.io'), 'send.mail');
    assert.equal(nameInZone('acme.io', 'acme.io'), '@');
    assert.equal(nameInZone('send.acme.io', 'other.io'), 'send.acme.io');
    assert.equal(nameInZone('send.notacme.io', 'acme.io'), 'send.notacme.io');
  });
});

describe('what stands in DNS', () => {
  const MX = '10 feedback-smtp.eu-west-1.amazonses.com';
  const cases = [
    ['DKIM', ['one.dkim.amazonses.com'], 'right'],
    ['DKIM', ['two.dkim.amazonses.com'], 'wrong'],
    ['DKIM', [], 'missing'],
    ['MAIL FROM', [MX], 'right'],
    ['MAIL FROM', [MX.replace('10', '20')], 'wrong'],
    ['MAIL FROM', [MX, '20 mx.elsewhere.example'], 'wrong'],
    ['SPF', ['v=spf1 include:amazonses.com ~all'], 'right'],
    ['SPF', ['v=spf1 include:_spf.example.com include:amazonses.com -all'], 'right'],
    ['SPF', ['v=spf1 include:amazonses.com.evil.example ~all'], 'wrong'],
    ['SPF', ['v=spf1 include:_spf.example.com ~all'], 'wrong'],
    ['SPF', ['v=spf1 include:amazonses.com ~all', 'v=spf1 -all'], 'wrong'],
    ['SPF', ['some-verification=1'], 'missing'],
    ['DMARC', ['v=DMARC1; p=none; rua=mailto:dmarc@acme.io'], 'right'],
    ['DMARC', ['v=DMARC1;p=reject'], 'right'],
    ['DMARC', ['v=DMARC1; p=maybe'], 'wrong'],
    ['DMARC', ['v=DMARC1; p=none', 'v=DMARC1; p=reject'], 'wrong'],
  ] as const;
  for (const [purpose, values, result] of cases) {
    test(`DNS is ${result} for ${purpose} with ${JSON.stringify(values)}`, () => {
      const finding = findingOf(recordOf(purpose), answered(...values), undefined);
      assert.deepEqual(finding, { result, found: values, known: result });
    });
  }

  test('a record is unknown where no server answers, and one that was known before stays known', () => {
    const timedOut: DnsAnswer = { kind: 'unknown', reason: 'timed out' };
    const record = recordOf('DMARC');
    const first = findingOf(record, timedOut, undefined);
    assert.deepEqual(first, { result: 'unknown', found: ['timed out'] });
    const right = findingOf(record, answered('v=DMARC1; p=none'), first);
    assert.equal(findingOf(record, timedOut, right).known, 'right');
  });
});

describe('the status of a record', () => {
  const statusOf = (purpose: DnsRecord['purpose'], identity: IdentityState, finding?: DnsFinding) => {
    const record = recordOf(purpose);
    const dns = finding === undefined ? {} : { [recordKey(record)]: finding };
    return recordStatus(record, aDomain({ identity, isVerifyAsked: true, dns }));
  };
  const found = (known: 'right' | 'wrong' | 'missing'): DnsFinding => ({ result: known, found: [], known });

  test('a record waits for SES where DNS is right, and has failed where DNS is wrong', () => {
    assert.equal(statusOf('DKIM', anIdentity('pending'), found('right')), 'pending');
    assert.equal(statusOf('DKIM', anIdentity('pending'), found('wrong')), 'failed');
    assert.equal(statusOf('MAIL FROM', anIdentity('pending'), found('missing')), 'failed');
  });

  test('the status of a record is what SES says where SES has looked', () => {
    assert.equal(statusOf('DKIM', anIdentity('success'), found('missing')), 'verified');
    assert.equal(statusOf('DKIM', anIdentity('failed'), found('right')), 'failed');
    assert.equal(statusOf('MAIL FROM', anIdentity('temporary-failure')), 'temporary_failure');
  });

  test('the status of a record is what DNS says where SES does not look', () => {
    assert.equal(statusOf('DMARC', anIdentity('success')), 'pending');
    assert.equal(statusOf('DMARC', anIdentity('success'), found('right')), 'verified');
    assert.equal(statusOf('SPF', anIdentity('success'), found('missing')), 'failed');
    assert.equal(statusOf('SPF', anIdentity('success')), 'verified');
  });

  test('a record has not started before verification was asked for', () => {
    assert.equal(recordStatus(recordOf('DKIM'), aDomain()), 'not_started');
  });

  test('a record never becomes failed by a question without an answer', () => {
    const checks = fc.constantFrom(...IDENTITY_CHECKS.filter((check) => check !== 'failed'));
    const known = fc.option(fc.constant('right' as const), { nil: undefined });
    fc.assert(
      fc.property(checks, checks, known, fc.boolean(), (dkim, mailFrom, before, isVerifyAsked) => {
        const identity = anIdentity(dkim, { mailFrom: { domain: 'send.acme.io', check: mailFrom } });
        for (const record of dnsRecordsOf(aDomain({ identity }), REGION)) {
          const previous = before && found(before);
          const finding = findingOf(record, { kind: 'unknown', reason: 'timed out' }, previous);
          const domain = aDomain({ identity, isVerifyAsked, dns: { [recordKey(record)]: finding } });
          const status = recordStatus(record, domain);
          assert.ok(RECORD_STATUSES.includes(status));
          assert.notEqual(status, 'failed');
        }
      }),
    );
  });
});
