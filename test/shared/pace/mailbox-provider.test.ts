import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { providerOf, providerOfMx } from '../../../shared/pace/mailbox-provider.ts';

describe('mailbox provider', () => {
  const domains: readonly [domain: string, provider: string][] = [
    ['gmail.com', 'gmail'],
    ['googlemail.com', 'gmail'],
    ['hotmail.co.uk', 'microsoft'],
    ['outlook.com', 'microsoft'],
    ['live.fr', 'microsoft'],
    ['yahoo.com', 'yahoo'],
    ['yahoo.com.br', 'yahoo'],
    ['aol.com', 'yahoo'],
    ['icloud.com', 'apple'],
    ['privaterelay.appleid.com', 'apple'],
    ['acme.com', 'rest'],
    ['notgmail.com', 'rest'],
    ['gmail.com.evil.net', 'rest'],
    ['constructor', 'rest'],
    ['constructor.co', 'rest'],
    ['', 'rest'],
  ];
  for (const [domain, provider] of domains) {
    test(`the mailbox provider of ${domain === '' ? 'no domain' : domain} is ${provider}`, () => {
      assert.equal(providerOf(domain), provider);
    });
  }

  const hosts: readonly [exchanges: readonly string[], provider: string][] = [
    [['ASPMX.L.GOOGLE.COM.', 'alt1.aspmx.l.google.com'], 'gmail'],
    [['smtp.google.com'], 'gmail'],
    [['acme-com.mail.protection.outlook.com'], 'microsoft'],
    [['acme-com.k-v1.mx.microsoft'], 'microsoft'],
    [['mta7.am0.yahoodns.net'], 'yahoo'],
    [['mx01.mail.icloud.com'], 'apple'],
    [['mx.filter.example', 'aspmx.l.google.com'], 'rest'],
    [['evilgoogle.com'], 'rest'],
    [[], 'rest'],
  ];
  for (const [exchanges, provider] of hosts) {
    test(`the mailbox provider behind ${exchanges[0] ?? 'no host'} is ${provider}`, () => {
      assert.equal(providerOfMx(exchanges), provider);
    });
  }
});
