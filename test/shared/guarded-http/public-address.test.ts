import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  addressProblem,
  attachmentUrlProblem,
  WEBHOOK_PORTS,
  webhookUrlProblem,
} from '../../../shared/guarded-http/public-address.ts';

const blockedIpv4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/** Network as eight groups, and the length of its prefix. */
const blockedIpv6: readonly (readonly [network: readonly number[], prefix: number])[] = [
  [[], 128],
  [[0, 0, 0, 0, 0, 0, 0, 1], 128],
  [[], 96],
  [[0, 0, 0, 0, 0, 0xffff], 96],
  [[0, 0, 0, 0, 0xffff], 96],
  [[0x64, 0xff9b], 96],
  [[0x64, 0xff9b, 1], 48],
  [[0x100], 64],
  [[0x100, 0, 0, 1], 64],
  [[0x2001], 32],
  [[0x2001], 23],
  [[0x2001, 2], 48],
  [[0x2001, 0xdb8], 32],
  [[0x2002], 16],
  [[0x3fff], 20],
  [[0x5f00], 16],
  [[0xfc00], 7],
  [[0xfe80], 10],
  [[0xfec0], 10],
  [[0xff00], 8],
  [[0x4000], 2],
  [[0x8000], 1],
];

const loopbackNotations = [
  '127.0.0.1',
  '127.0.0.1.',
  '127.1',
  '127.0.1',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '017700000001',
  '0x7f.1',
  '%31%32%37.0.0.1',
  '①②⑦.0.0.1',
  '127。0。0。1',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[2002:7f00:1::]',
];

describe('addressProblem', () => {
  test('refuses every address of each blocked IPv4 range', () => {
    const addresses = fc.constantFrom(...blockedIpv4).chain(ipv4Of);
    fc.assert(
      fc.property(addresses, (ip) => addressProblem(ip) !== undefined),
      { numRuns: 2000 },
    );
  });

  test('refuses every address of each blocked IPv6 range, in full and in compressed notation', () => {
    const addresses = fc.constantFrom(...blockedIpv6).chain(([network, prefix]) => ipv6Of(network, prefix));
    fc.assert(
      fc.property(addresses, (ip) => {
        assert.notEqual(addressProblem(ip), undefined);
        assert.notEqual(addressProblem(new URL(`http://[${ip}]`).hostname.slice(1, -1)), undefined);
      }),
      { numRuns: 2000 },
    );
  });

  test('refuses an IPv4 address that is embedded in an IPv6 one, also a public one', () => {
    const ipv4 = fc.ipV4();
    const prefix = fc.constantFrom('::ffff:', '::', '64:ff9b::', '::ffff:0:');
    fc.assert(fc.property(prefix, ipv4, (head, tail) => addressProblem(head + tail) !== undefined));
  });

  test('refuses the first and the last address of a range and takes the ones around it', () => {
    const edges = [
      ['9.255.255.255', '10.0.0.0', '10.255.255.255', '11.0.0.0'],
      ['100.63.255.255', '100.64.0.0', '100.127.255.255', '100.128.0.0'],
      ['126.255.255.255', '127.0.0.0', '127.255.255.255', '128.0.0.0'],
      ['169.253.255.255', '169.254.0.0', '169.254.255.255', '169.255.0.0'],
      ['172.15.255.255', '172.16.0.0', '172.31.255.255', '172.32.0.0'],
      ['192.167.255.255', '192.168.0.0', '192.168.255.255', '192.169.0.0'],
      ['198.17.255.255', '198.18.0.0', '198.19.255.255', '198.20.0.0'],
      ['2001:4860:4860::8888', '2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db9::'],
      ['2003::1', '2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2003::'],
    ];
    for (const [before, first, last, after] of edges as [string, string, string, string][]) {
      assert.equal(addressProblem(before), undefined, before);
      assert.notEqual(addressProblem(first), undefined, first);
      assert.notEqual(addressProblem(last), undefined, last);
      assert.equal(addressProblem(after), undefined, after);
    }
  });

  test('refuses the addresses that hold credentials in the cloud', () => {
    for (const ip of ['169.254.169.254', '169.254.170.2', '169.254.79.1', 'fd00:ec2::254']) {
      assert.notEqual(addressProblem(ip), undefined, ip);
    }
  });

  test('takes public addresses of both families', () => {
    const publicAddresses = ['1.1.1.1', '8.8.8.8', '52.95.110.1', '2606:4700::1111', '2a00:1450:4001::200e'];
    for (const ip of publicAddresses) assert.equal(addressProblem(ip), undefined, ip);
  });

  test('refuses what is no address, or is bound to a zone', () => {
    for (const ip of ['', 'localhost', '1.2.3', '0x7f.0.0.1', '1.1.1.1:443', 'fe80::1%eth0', '2606::1%1']) {
      assert.notEqual(addressProblem(ip), undefined, ip);
    }
  });

  test('names the range that an address is in', () => {
    assert.equal(addressProblem('169.254.169.254'), 'is link-local (RFC 3927)');
    assert.equal(addressProblem('::1'), 'is loopback (RFC 4291)');
  });
});

describe('attachmentUrlProblem', () => {
  const taken = [
    'https://files.example.com/invoice.pdf',
    'https://files.example.com:443/invoice.pdf?signature=a%20b#page',
    'HTTPS://FILES.EXAMPLE.COM/',
    'https://bücher.example.com/katalog.pdf',
    'https://my_bucket.s3.amazonaws.com/a.pdf',
    'https://8.8.8.8/a.pdf',
    'https://[2606:4700::1111]/a.pdf',
    'https://local.example.com/',
    'https://localhost.example.com/',
  ];
  for (const url of taken) {
    test(`takes ${url}`, () => assert.equal(attachmentUrlProblem(url), undefined));
  }

  const refused = [
    ['', 'is not a URL'],
    ['invoice.pdf', 'is not a URL'],
    ['//files.example.com/a', 'is not a URL'],
    ['https://', 'is not a URL'],
    ['https://256.1.1.1/', 'is not a URL'],
    ['https://[::1', 'is not a URL'],
    ['https://[fe80::1%25eth0]/', 'is not a URL'],
    ['http://files.example.com/a', 'does not use https'],
    ['ftp://files.example.com/a', 'does not use https'],
    ['file:///etc/passwd', 'does not use https'],
    ['data:text/plain,hello', 'does not use https'],
    ['https://user@files.example.com/', 'contains credentials'],
    ['https://user:secret@files.example.com/', 'contains credentials'],
    ['https://:secret@files.example.com/', 'contains credentials'],
    ['https://files.example.com:8443/', 'names a port other than 443'],
    ['https://files.example.com:80/', 'names a port other than 443'],
    [' https://files.example.com/', 'contains a blank or a control character'],
    ['https://files.example.com/a\r\nHost: b', 'contains a blank or a control character'],
    ['https://files.exam\tple.com/', 'contains a blank or a control character'],
    ['https://files.example.com/\0', 'contains a blank or a control character'],
    ['https://localhost/', 'does not name a public host'],
    ['https://LOCALHOST/', 'does not name a public host'],
    ['https://intranet/', 'does not name a public host'],
    ['https://api.localhost/', 'does not name a public host'],
    ['https://printer.local/', 'does not name a public host'],
    ['https://metadata.google.internal/', 'does not name a public host'],
    ['https://ip-10-0-0-1.ec2.internal/', 'does not name a public host'],
    ['https://router.home.arpa/', 'does not name a public host'],
    ['https://home.arpa/', 'does not name a public host'],
    ['https://a。internal/', 'does not name a public host'],
    ['https://files.example.com./', 'names a host with a trailing dot'],
    ['https://localhost./', 'names a host with a trailing dot'],
  ] as const;
  for (const [url, problem] of refused) {
    test(`refuses ${JSON.stringify(url)}`, () => assert.equal(attachmentUrlProblem(url), problem));
  }

  for (const host of loopbackNotations) {
    test(`refuses loopback written as ${host}`, () => {
      assert.match(attachmentUrlProblem(`https://${host}/a`) ?? '', /^names an address that is /);
    });
  }

  test('refuses every private IPv4 address in decimal, hexadecimal and octal notation', () => {
    const address = fc.constantFrom(...blockedIpv4).chain(ipv4Of);
    const notation = fc.constantFrom(
      (value: number) => String(value),
      (value: number) => `0x${value.toString(16)}`,
      (value: number) => `0${value.toString(8)}`,
    );
    const isRefused = (ip: string, write: (value: number) => string) =>
      attachmentUrlProblem(`https://${write(Number(numberOf(ip)))}/`) !== undefined;
    fc.assert(fc.property(address, notation, isRefused), { numRuns: 1000 });
  });

  test('takes 2048 characters and refuses one more', () => {
    const url = 'https://files.example.com/'.padEnd(2048, 'a');
    assert.equal(attachmentUrlProblem(url), undefined);
    assert.equal(attachmentUrlProblem(`${url}a`), 'is longer than 2048 characters');
  });

  test('answers for any text without throwing', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => attachmentUrlProblem(text) !== undefined));
  });
});

describe('webhookUrlProblem', () => {
  const deployed = { isLocalAllowed: false };
  const onThisMachine = { isLocalAllowed: true };

  const taken = [
    'https://hooks.example.com/resend',
    'https://hooks.example.com',
    'https://hooks.example.com:443/a?token=b%20c',
    'https://hooks.example.com:8443/a',
    'HTTPS://HOOKS.EXAMPLE.COM/',
    'https://bücher.example.com/haken',
    'https://8.8.8.8/a',
    'https://[2606:4700::1111]:8443/a',
    'https://local.example.com/',
    'https://internal.example.com/',
  ];
  for (const url of taken) {
    test(`takes ${url}, deployed and on this machine`, () => {
      assert.equal(webhookUrlProblem(url, deployed), undefined);
      assert.equal(webhookUrlProblem(url, onThisMachine), undefined);
    });
  }

  const refused = [
    ['', 'is not a URL'],
    ['hooks.example.com', 'is not a URL'],
    ['//hooks.example.com/a', 'is not a URL'],
    ['https://', 'is not a URL'],
    ['https://256.1.1.1/', 'is not a URL'],
    ['http://hooks.example.com/a', 'does not use https'],
    ['http://hooks.example.com:443/a', 'does not use https'],
    ['ftp://hooks.example.com/a', 'does not use https'],
    ['file:///etc/passwd', 'does not use https'],
    ['https://user@hooks.example.com/', 'contains credentials'],
    ['https://user:secret@hooks.example.com/', 'contains credentials'],
    ['https://hooks.example.com@127.0.0.1/', 'contains credentials'],
    ['https://hooks.example.com/#', 'contains a fragment'],
    ['https://hooks.example.com/a#b', 'contains a fragment'],
    ['https://hooks.example.com#@127.0.0.1/', 'contains a fragment'],
    ['https://hooks.example.com:80/', 'names a port other than 443 or 8443'],
    ['https://hooks.example.com:22/', 'names a port other than 443 or 8443'],
    ['https://hooks.example.com:0/', 'names a port other than 443 or 8443'],
    ['https://hooks.example.com:65536/', 'is not a URL'],
    [' https://hooks.example.com/', 'contains a blank or a control character'],
    ['https://hooks.example.com/a\r\nHost: b', 'contains a blank or a control character'],
    ['https://localhost/', 'does not name a public host'],
    ['https://localhost:8443/', 'does not name a public host'],
    ['https://intranet/', 'does not name a public host'],
    ['https://api.localhost/', 'does not name a public host'],
    ['https://printer.local/', 'does not name a public host'],
    ['https://metadata.google.internal/', 'does not name a public host'],
    ['https://INSTANCE-DATA.EC2.INTERNAL/', 'does not name a public host'],
    ['https://a。internal/', 'does not name a public host'],
    ['https://hooks.example.com./', 'names a host with a trailing dot'],
    ['https://127.0.0.1/', 'names an address that is loopback (RFC 1122)'],
    ['https://10.0.0.1:8443/', 'names an address that is private (RFC 1918)'],
    ['https://169.254.169.254/latest/', 'names an address that is link-local (RFC 3927)'],
    ['https://[::1]/', 'names an address that is loopback (RFC 4291)'],
    ['https://[::ffff:127.0.0.1]/', 'names an address that is IPv4-mapped (RFC 4291)'],
    ['https://[fd00:ec2::254]/', 'names an address that is private (RFC 4193)'],
  ] as const;
  for (const [url, problem] of refused) {
    test(`refuses ${JSON.stringify(url)}, deployed and on this machine`, () => {
      assert.equal(webhookUrlProblem(url, deployed), problem);
      assert.equal(webhookUrlProblem(url, onThisMachine), problem);
    });
  }

  for (const host of loopbackNotations) {
    test(`refuses a webhook at loopback written as ${host}`, () => {
      const url = `https://${host}/a`;
      assert.match(webhookUrlProblem(url, onThisMachine) ?? '', /^names an address that is /);
      assert.equal(webhookUrlProblem(`http://${host}/a`, deployed), 'does not use https');
    });
  }

  const local = [
    'http://127.0.0.1/a',
    'http://127.0.0.1:4000/a?b=c',
    'http://localhost',
    'http://LOCALHOST:22/',
    'http://2130706433:4000/',
    'http://0x7f.1/',
  ];
  for (const url of local) {
    test(`takes ${url} on this machine alone`, () => {
      assert.equal(webhookUrlProblem(url, onThisMachine), undefined);
      assert.equal(webhookUrlProblem(url, deployed), 'does not use https');
    });
  }

  const almostLocal = [
    ['http://127.0.0.2/', 'does not use https'],
    ['http://[::1]:4000/', 'does not use https'],
    ['http://0.0.0.0:4000/', 'does not use https'],
    ['http://localhost.:4000/', 'does not use https'],
    ['http://localhost.example.com/', 'does not use https'],
    ['http://api.localhost/', 'does not use https'],
    ['http://169.254.169.254/', 'does not use https'],
    ['http://user@localhost:4000/', 'contains credentials'],
    ['http://localhost:4000/#a', 'contains a fragment'],
    ['http://localhost@169.254.169.254/', 'does not use https'],
    ['http://localhost#@169.254.169.254/', 'contains a fragment'],
    ['http://169.254.169.254\\@localhost/', 'does not use https'],
    ['https://127.0.0.1:8443/', 'names an address that is loopback (RFC 1122)'],
    ['ftp://localhost/', 'does not use https'],
  ] as const;
  for (const [url, problem] of almostLocal) {
    test(`refuses ${url} also on this machine`, () =>
      assert.equal(webhookUrlProblem(url, onThisMachine), problem));
  }

  test('takes the ports of the list and no other', () => {
    assert.deepEqual(WEBHOOK_PORTS, [443, 8443]);
    const isTaken = (port: number) =>
      webhookUrlProblem(`https://hooks.example.com:${port}/`, deployed) === undefined;
    fc.assert(fc.property(fc.nat(65_535), (port) => isTaken(port) === WEBHOOK_PORTS.includes(port)));
    for (const port of WEBHOOK_PORTS) assert.ok(isTaken(port));
  });

  test('refuses a webhook at any host that an attachment is not fetched from', () => {
    fc.assert(
      fc.property(fc.webUrl({ validSchemes: ['https'] }), (url) => {
        const refusal = attachmentUrlProblem(url);
        if (refusal !== undefined) assert.equal(webhookUrlProblem(url, onThisMachine), refusal);
      }),
    );
    const address = fc.constantFrom(...blockedIpv4).chain(ipv4Of);
    fc.assert(
      fc.property(address, (ip) => webhookUrlProblem(`https://${ip}/`, onThisMachine) !== undefined),
      { numRuns: 1000 },
    );
  });

  test('takes a webhook URL of 2048 characters and refuses one more', () => {
    const url = 'https://hooks.example.com/'.padEnd(2048, 'a');
    assert.equal(webhookUrlProblem(url, deployed), undefined);
    assert.equal(webhookUrlProblem(`${url}a`, deployed), 'is longer than 2048 characters');
  });

  test('answers for any text of a webhook URL without throwing', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => webhookUrlProblem(text, onThisMachine) !== undefined,
      ),
    );
  });
});

function numberOf(ip: string): bigint {
  return ip.split('.').reduce((number, octet) => number * 256n + BigInt(octet), 0n);
}

function ipv4Of(cidr: string): fc.Arbitrary<string> {
  const [network = '', prefix = ''] = cidr.split('/');
  const hosts = 2n ** (32n - BigInt(prefix));
  return fc.bigInt({ min: 0n, max: hosts - 1n }).map((host) => {
    const number = numberOf(network) + host;
    return [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join('.');
  });
}

function ipv6Of(network: readonly number[], prefix: number): fc.Arbitrary<string> {
  const groups = Array.from({ length: 8 }, (_, index) => BigInt(network[index] ?? 0));
  const start = groups.reduce((number, group) => number * 65536n + group, 0n);
  return fc.bigInt({ min: 0n, max: 2n ** (128n - BigInt(prefix)) - 1n }).map((host) => {
    const number = start + host;
    return groups.map((_, index) => ((number >> BigInt(16 * (7 - index))) & 65535n).toString(16)).join(':');
  });
}
