import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  deliveryAddressOf,
  domainOf,
  formatAddress,
  normaliseAddress,
  parseAddress,
} from '../../../shared/mail/address.ts';

const read = (text: string) => {
  const parsed = parseAddress(text);
  return parsed.kind === 'address' ? [parsed.displayName, parsed.address] : undefined;
};

const atom = fc.stringMatching(/^[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}$/);
const local = fc.array(atom, { minLength: 1, maxLength: 3 }).map((atoms) => atoms.join('.'));
const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/);
const domain = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'));
const addrSpec = fc.tuple(local, domain).map((parts) => parts.join('@'));

describe('parseAddress', () => {
  const accepted: readonly (readonly [string, string | undefined, string])[] = [
    ['reader@example.org', undefined, 'reader@example.org'],
    ['  reader@example.org ', undefined, 'reader@example.org'],
    ['<reader@example.org>', undefined, 'reader@example.org'],
    ['Acme <Hello@Example.COM>', 'Acme', 'Hello@example.com'],
    ['Acme, Inc. <hello@example.com>', 'Acme, Inc.', 'hello@example.com'],
    ['"Acme, \\"Inc\\"" <hello@example.com>', 'Acme, "Inc"', 'hello@example.com'],
    ['Jürgen 😀 <j@example.com>', 'Jürgen 😀', 'j@example.com'],
    ['a+b.c@sub.example.co.uk', undefined, 'a+b.c@sub.example.co.uk'],
    ['info@münchen.example', undefined, 'info@xn--mnchen-3ya.example'],
    [`${'l'.repeat(64)}@example.com`, undefined, `${'l'.repeat(64)}@example.com`],
  ];
  for (const [text, displayName, address] of accepted) {
    test(`reads ${text}`, () => assert.deepEqual(read(text), [displayName, address]));
  }

  const refused = [
    ['', 'nothing'],
    ['reader', 'no domain'],
    ['@example.org', 'no local part'],
    ['reader@', 'an empty domain'],
    ['reader@example', 'a domain of one label'],
    ['reader@exam ple.org', 'a blank in the domain'],
    ['re ader@example.org', 'a blank in the local part'],
    ['.reader@example.org', 'a leading dot'],
    ['re..ader@example.org', 'two dots in a row'],
    ['jürgen@example.org', 'a local part that is not ASCII'],
    ['"quoted local"@example.org', 'a quoted local part'],
    ['reader@[127.0.0.1]', 'an address literal'],
    ['reader@127.0.0.1', 'a bare IP address'],
    ['reader@-example.org', 'a label that begins with a hyphen'],
    ['a@example.org, b@example.org', 'a list'],
    ['a@example.org\r\nBcc: b@example.org', 'a header injection'],
    ['Acme\r\n <a@example.org>', 'a line break in the name'],
    ['a\0@example.org', 'a NUL'],
    ['Acme <b@example.net> <a@example.org>', 'two angle addresses'],
    ['"Acme <a@example.org>', 'an open quote'],
    ['a@example.org, Bob <b@example.org>', 'a list whose last name would hide the first'],
    ['\ud800 <a@example.org>', 'half a character in the name'],
    [`${'日本語'.repeat(60)} <a@example.org>`, 'a name that is too long once it is encoded'],
    ['A"c"me <a@example.org>', 'a quote inside a name'],
    ['Acme <a@example.org', 'an open angle'],
    [`${'l'.repeat(65)}@example.org`, 'a local part of 65 characters'],
    [
      `a@${'d'.repeat(60)}.${'d'.repeat(60)}.${'d'.repeat(60)}.${'d'.repeat(60)}.${'d'.repeat(60)}`,
      'a long domain',
    ],
    [
      `${'l'.repeat(64)}@${'d'.repeat(60)}.${'d'.repeat(60)}.${'d'.repeat(60)}.example`,
      'more than 254 characters',
    ],
    [`${'n'.repeat(257)} <a@example.org>`, 'a display name of 257 characters'],
  ] as const;
  for (const [text, what] of refused) {
    test(`refuses ${what}`, () => assert.equal(read(text), undefined));
  }

  test('never throws, and takes no address with a control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const parsed = parseAddress(text);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
        if (/[\u0000-\u001f\u007f]/.test(text)) assert.equal(parsed.kind, 'refused');
      }),
    );
  });

  test('reads every dot-atom address back', () => {
    fc.assert(fc.property(addrSpec, (text) => assert.deepEqual(read(text), [undefined, text])));
  });

  test('reads half a million characters once: one that went back for each of them would not end', () => {
    for (const unit of ['<', '"', '\\', 'a.', '@', 'a@', ' ', '"\\"'])
      assert.equal(parseAddress(`${unit.repeat(500_000)}@x.yz>`).kind, 'refused', unit);
  });
});

describe('formatAddress', () => {
  test('writes what parseAddress reads back as the same mailbox', () => {
    const name = fc.string({ unit: fc.constantFrom(...'aB1 ,;."\\()@:é漢😀'), minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(name, addrSpec, (displayName, address) => {
        const formatted = formatAddress({ displayName: displayName.trim() || 'x', address });
        assert.match(formatted, /^[ -~]+$/);
        assert.equal(read(formatted)?.[1], address);
      }),
    );
  });

  test('keeps encoded words within 75 characters', () => {
    const formatted = formatAddress({ displayName: '漢字'.repeat(60), address: 'a@example.org' });
    for (const word of formatted.split(' ').slice(0, -1)) assert.ok(word.length <= 75);
  });
});

describe('normaliseAddress', () => {
  test('normalises every way to write a mailbox to the same address', () => {
    const ways = ['Reader+News@Example.ORG', 'R <reader+news@example.org>', '<READER+NEWS@example.org>'];
    assert.deepEqual([...new Set(ways.map(normaliseAddress))], ['reader+news@example.org']);
  });

  test('normalising an address a second time changes nothing', () => {
    fc.assert(
      fc.property(fc.oneof(addrSpec, fc.string()), (text) =>
        assert.equal(normaliseAddress(normaliseAddress(text)), normaliseAddress(text)),
      ),
    );
  });

  test('domainOf is the domain, in punycode', () => {
    assert.equal(domainOf('Info <info@MÜNCHEN.example>'), 'xn--mnchen-3ya.example');
    assert.equal(domainOf('nobody'), '');
  });
});

describe('deliveryAddressOf', () => {
  const table = [
    ['delivered@resend.dev', 'success@simulator.amazonses.com'],
    ['bounced+one@resend.dev', 'bounce+one@simulator.amazonses.com'],
    ['Complained@Resend.dev', 'complaint@simulator.amazonses.com'],
    ['suppressed+a+b@resend.dev', 'suppressionlist+a+b@simulator.amazonses.com'],
    ['Test <delivered@resend.dev>', '"Test" <success@simulator.amazonses.com>'],
    ['someone@resend.dev', 'someone@resend.dev'],
    ['constructor@resend.dev', 'constructor@resend.dev'],
    ['delivered@notresend.dev', 'delivered@notresend.dev'],
    ['Größe <Reader@Example.org>', '=?UTF-8?B?R3LDtsOfZQ==?= <Reader@example.org>'],
  ] as const;
  for (const [written, delivered] of table) {
    test(`${written} is delivered to ${delivered}`, () =>
      assert.equal(deliveryAddressOf(written), delivered));
  }
});
