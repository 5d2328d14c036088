import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defineConfig, isReserved } from '../../infra/config.ts';

const tracking = (value: unknown) => ({
  domains: ['acme.io'],
  streams: { news: { kind: 'broadcast', ratePercent: 100, tracking: value } },
});

describe('postlane.config.ts', () => {
  test('tracks nothing without a word in the config, and what is named with one', () => {
    const trackingIn = (value: unknown) => defineConfig(tracking(value) as never).streams.news?.tracking;
    assert.equal(trackingIn(undefined), undefined);
    assert.deepEqual(trackingIn({}), { opens: false, clicks: false });
    assert.deepEqual(trackingIn({ opens: true, domain: 'links.acme.io' }), {
      opens: true,
      clicks: false,
      domain: 'links.acme.io',
    });
  });

  test('keeps content for 30 days where nothing is said', () => {
    assert.deepEqual(defineConfig({ domains: ['mail.acme.io'] }).content, { keepDays: 30 });
  });

  const wrong: readonly [string, unknown, RegExp][] = [
    ['a misspelt key', { domains: ['acme.io'], contents: {} }, /`contents`.*knows domains, content/],
    [
      'a misspelt key below',
      { domains: ['acme.io'], content: { keepDay: 1 } },
      /content: .*`keepDay`.*knows keepDays/,
    ],
    ['no domain', { domains: [] }, /domains: must name at least one/],
    ['no domains at all', {}, /domains: must be a list of domains/],
    ['something that is no domain', { domains: ['https://acme.io'] }, /domains\.0: must be a domain/],
    ['a domain twice', { domains: ['acme.io', 'acme.io'] }, /domains: must not name a domain twice/],
    ['days below zero', { domains: ['acme.io'], content: { keepDays: -1 } }, /content\.keepDays: /],
    [
      'half a day',
      { domains: ['acme.io'], content: { keepDays: 0.5 } },
      /content\.keepDays: must be a whole number of days from 0 to 3650/,
    ],
    [
      'more than ten years',
      { domains: ['acme.io'], content: { keepDays: 3651 } },
      /content\.keepDays: .*3650/,
    ],
    [
      'an alarm without an address',
      { domains: ['acme.io'], alarms: { email: 'ops' } },
      /alarms\.email: must be the address/,
    ],
    [
      'a default stream that every object has',
      { domains: ['acme.io'], defaultStream: 'constructor' },
      /defaultStream: must be one of the streams/,
    ],
    [
      'an overflow to what every object has',
      {
        domains: ['acme.io'],
        streams: {
          news: {
            kind: 'broadcast',
            pool: 'standard',
            ratePercent: 100,
            warmUp: { plan: [1], overflow: { stream: 'constructor' } },
          },
        },
      },
      /overflow\.stream: must name another stream/,
    ],
    [
      'a plan that begins above its end',
      {
        domains: ['acme.io'],
        streams: {
          news: {
            kind: 'broadcast',
            pool: 'standard',
            ratePercent: 100,
            warmUp: { plan: { start: 100, growth: 2, target: 5 } },
          },
        },
      },
      /warmUp\.plan: must be .*start at most target/,
    ],
    [
      'tenants as a switch',
      { domains: ['acme.io'], tenants: true },
      /tenants: must be an object with dailyRecipients, guard/,
    ],
    ['content as a number', { domains: ['acme.io'], content: 3 }, /content: must be an object with keepDays/],
    [
      'a stream as a number',
      { domains: ['acme.io'], streams: { news: 5 } },
      /streams\.news: must be an object with kind, pool, ratePercent/,
    ],
    [
      "a stream's guard as a number",
      { domains: ['acme.io'], streams: { news: { kind: 'broadcast', ratePercent: 100, guard: 5 } } },
      /streams\.news\.guard: must be an object with bouncePercent, complaintPercent/,
    ],
    [
      'a misspelt word about tenants',
      { domains: ['acme.io'], tenants: { dailyMails: 1 } },
      /tenants: .*`dailyMails`.*knows dailyRecipients, guard/,
    ],
    [
      'a quota of half a mail',
      { domains: ['acme.io'], tenants: { dailyRecipients: 0.5 } },
      /tenants\.dailyRecipients: must be recipients a day: a whole number from 0/,
    ],
    [
      "a tenants' guard without limit",
      { domains: ['acme.io'], tenants: { guard: { bouncePercent: 101 } } },
      /tenants\.guard\.bouncePercent: must be the bounce rate that pauses the tenant/,
    ],
    ['tracking as a switch', tracking(true), /tracking: must be an object with opens, clicks, domain/],
    [
      'a misspelt word about tracking',
      tracking({ open: true }),
      /streams\.news\.tracking: .*`open`.*knows opens, clicks, domain/,
    ],
    [
      'tracking that is neither on nor off',
      tracking({ opens: 'yes' }),
      /streams\.news\.tracking\.opens: must be true or false/,
    ],
    [
      'a tracking domain that is a number',
      tracking({ domain: 5 }),
      /streams\.news\.tracking\.domain: must be a domain in lower case, such as links\.your-company\.com/,
    ],
    [
      'a tracking domain with a scheme',
      tracking({ domain: 'https://l.acme.io' }),
      /domain: must be a domain in/,
    ],
    ['an empty tracking domain', tracking({ domain: '' }), /domain: must be a domain in/],
    [
      'a tracking domain of another owner',
      tracking({ domain: 'links.example.com' }),
      /domain: must be a name below one of `domains`, such as links\.acme\.io/,
    ],
    [
      'a tracking domain that only ends like one',
      tracking({ domain: 'l.notacme.io' }),
      /domain: must be a name below/,
    ],
    [
      'a tracking domain that mail is sent from',
      tracking({ domain: 'acme.io' }),
      /domain: must be a name below/,
    ],
    [
      'a tracking domain below that mail is sent from',
      { ...tracking({ domain: 'shop.acme.io' }), domains: ['acme.io', 'shop.acme.io'] },
      /domain: must be a name of its own/,
    ],
    [
      'a tracking domain that bounces come to',
      tracking({ domain: 'mail.acme.io' }),
      /domain: must be a name of its own: mail is sent from this one/,
    ],
    ...[
      'http://mail.acme.io',
      'https://mail.acme.io/',
      'https://mail.acme.io/api',
      'https://mail.acme.io?a=b',
      'https://user@mail.acme.io',
      'https://mail.acme.io:8443',
      'https://Mail.acme.io',
      'https://mail',
      'mail.acme.io',
      5,
    ].map(
      (publicUrl) =>
        [
          `the public URL ${publicUrl}`,
          { domains: ['acme.io'], publicUrl },
          /publicUrl: must be https and a domain, without a path/,
        ] as [string, unknown, RegExp],
    ),
    [
      'a misspelt alarm',
      { domains: ['acme.io'], alarms: { email: 'ops@acme.io', mail: 'x' } },
      /alarms: .*`mail`.*knows email/,
    ],
  ];
  for (const [what, config, message] of wrong)
    test(`a config with ${what} is refused with its path`, () => {
      assert.throws(() => defineConfig(config as never), message);
    });

  test('takes a domain of your own as the public URL, and needs none', () => {
    const publicUrl = 'https://mail.acme.io';
    assert.equal(defineConfig({ domains: ['acme.io'], publicUrl }).publicUrl, publicUrl);
    assert.equal(defineConfig({ domains: ['acme.io'] }).publicUrl, undefined);
  });

  test('knows which domains cannot be owned', () => {
    for (const domain of [
      'example.com',
      'mail.example.org',
      'shop.test',
      'a.invalid',
      'x.localhost',
      'nas.local',
    ])
      assert.equal(isReserved(domain), true, domain);
    for (const domain of ['acme.io', 'example.io', 'myexample.com', 'latest.dev'])
      assert.equal(isReserved(domain), false, domain);
  });
});
