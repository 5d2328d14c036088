import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ContractError } from '../../../../shared/base/contract/errors.ts';
import { domainItem, domainObject } from '../../../../shared/domains/contract/domain-object.ts';
import { readDomainSettings, readNewDomain } from '../../../../shared/domains/contract/domain-request.ts';
import { DEFAULT_SETTINGS } from '../../../../shared/domains/sending-domain.ts';
import { aDomain } from '../../../support/domains/domain-world.ts';

const REGION = 'us-east-1';
const read = (fields: Record<string, unknown>) => readNewDomain(fields, REGION);

describe('a new domain', () => {
  test('a new domain needs a name alone; everything else has a default', () => {
    assert.deepEqual(read({ name: 'acme.io' }), { name: 'acme.io', settings: DEFAULT_SETTINGS });
  });

  test('a new domain is read in lower case and in punycode, with all that the contract has for it', () => {
    const fields = {
      name: 'Bücher.example',
      region: REGION,
      custom_return_path: 'Bounce',
      open_tracking: true,
      click_tracking: true,
      tls: 'enforced',
      capabilities: { sending: 'disabled' },
      tracking_subdomain: 'links',
    };
    assert.deepEqual(read(fields), {
      name: 'xn--bcher-kva.example',
      returnPath: 'bounce',
      settings: {
        ...{ openTracking: true, clickTracking: true, tls: 'enforced' },
        ...{ isSendingEnabled: false, trackingSubdomain: 'links' },
      },
    });
  });

  const name = 'acme.io';
  const refusals = [
    [{}, 'missing_required_field', /^Missing `name` field\.$/],
    [{ name: '' }, 'missing_required_field', /name/],
    [{ name: 7 }, 'validation_error', /`name`/],
    [{ name: 'localhost' }, 'validation_error', /`name`/],
    [{ name: 'https://acme.io' }, 'validation_error', /`name`/],
    [{ name: 'x@acme.io' }, 'validation_error', /`name`/],
    [{ name: 'acme.io>' }, 'validation_error', /`name`/],
    [{ name: 'acme..io' }, 'validation_error', /`name`/],
    [{ name: 'acme.io.' }, 'validation_error', /`name`/],
    [{ name: '10.0.0.1' }, 'validation_error', /`name`/],
    [{ name: `${'a'.repeat(64)}.io` }, 'validation_error', /`name`/],
    [{ name, region: 'eu-west-1' }, 'invalid_region', /must be us-east-1/],
    [{ name, region: 7 }, 'invalid_region', /must be us-east-1/],
    [{ name, custom_return_path: 'a.b' }, 'validation_error', /`custom_return_path`/],
    [{ name, custom_return_path: '-a' }, 'validation_error', /`custom_return_path`/],
    [{ name, custom_return_path: 1 }, 'validation_error', /`custom_return_path`/],
    [{ name, tracking_subdomain: 'send' }, 'validation_error', /return path/],
    [{ name, custom_return_path: 'x', tracking_subdomain: 'x' }, 'validation_error', /return path/],
    [{ name, open_tracking: 'yes' }, 'validation_error', /`open_tracking`/],
    [{ name, click_tracking: 1 }, 'validation_error', /`click_tracking`/],
    [{ name, tls: 'none' }, 'validation_error', /`tls`/],
    [{ name, capabilities: 'sending' }, 'validation_error', /`capabilities`/],
    [{ name, capabilities: { sending: true } }, 'validation_error', /`enabled` or `disabled`/],
    [{ name, capabilities: { receiving: 'enabled' } }, 'validation_error', /not supported yet/],
  ] as const;
  for (const [fields, errorName, message] of refusals) {
    test(`a new domain is refused for ${JSON.stringify(fields).slice(0, 70)}`, () => {
      assert.throws(
        () => read(fields),
        (error: unknown) => {
          assert.ok(error instanceof ContractError);
          assert.deepEqual([error.problem.statusCode, error.problem.name], [422, errorName]);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  test('a new domain is read or refused in the contract, with anything in its fields', () => {
    const value = fc.oneof(fc.string(), fc.jsonValue(), fc.domain());
    const fields = fc.record(
      { name: value, region: value, capabilities: value, tls: value },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fields, (given) => {
        try {
          assert.match(read(given).name, /^[a-z0-9.-]+$/);
        } catch (error) {
          assert.ok(error instanceof ContractError);
        }
      }),
    );
  });
});

test('a change leaves alone what it does not name, and null takes the tracking subdomain away', () => {
  const current = { ...DEFAULT_SETTINGS, openTracking: true, trackingSubdomain: 'links' };
  assert.deepEqual(readDomainSettings({ tls: 'enforced' }, current, 'acme.io'), {
    ...current,
    tls: 'enforced',
  });
  const { trackingSubdomain: _gone, ...rest } = current;
  assert.deepEqual(readDomainSettings({ tracking_subdomain: null }, current, 'acme.io'), rest);
});

describe('a domain in an answer', () => {
  const place = { region: REGION, zoneOf: () => 'acme.io' };

  test('a domain in an answer has every field that SDKs read, and names as a DNS form wants them', () => {
    const shown = domainObject(aDomain({ name: 'mail.acme.io' }), place);
    assert.deepEqual(Object.keys(shown), [
      ...['object', 'id', 'name', 'status', 'created_at', 'region', 'capabilities'],
      ...['open_tracking', 'click_tracking', 'tracking_subdomain', 'tls', 'records'],
    ]);
    assert.deepEqual(shown.records[0], {
      ...{ record: 'DKIM', name: 'one._domainkey.mail', type: 'CNAME', ttl: 'Auto', status: 'not_started' },
      ...{ value: 'one.dkim.amazonses.com', purpose: 'DKIM', full_name: 'one._domainkey.mail.acme.io' },
      dns: { result: 'not_checked', found: [] },
    });
    assert.equal(shown.records[3] && 'priority' in shown.records[3] && shown.records[3].priority, 10);
  });

  test('a domain in an answer calls records by no other name than the contract has', () => {
    const names = new Set(domainObject(aDomain(), place).records.map(({ record }) => record));
    assert.deepEqual([...names], ['DKIM', 'SPF']);
  });

  test('a domain of a list has no records', () => {
    assert.ok(!('records' in domainItem(aDomain(), place)));
  });
});
