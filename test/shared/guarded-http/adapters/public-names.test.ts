import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createPublicNames } from '../../../../shared/guarded-http/adapters/public-names.ts';
import { type DnsServer, startDnsServer } from '../../../support/guarded-http/dns-server.ts';

let server: DnsServer;
let resolve: ReturnType<typeof createPublicNames>;

before(async () => {
  server = await startDnsServer();
  resolve = createPublicNames({ servers: [server.address], timeoutMs: 100 });
});
after(() => server.close());

const addressesOf = async (name: string) => (await resolve(name)).map(({ address }) => address).sort();

describe('the addresses of a name', () => {
  test('the addresses of a name are all of both families', async () => {
    server.say('A both.test', ['192.0.2.1', '192.0.2.2']);
    server.say('AAAA both.test', ['2001:db8::1']);
    assert.deepEqual(await addressesOf('both.test'), ['192.0.2.1', '192.0.2.2', '2001:db8::1']);
    assert.deepEqual(
      (await resolve('both.test')).map(({ family }) => family),
      [4, 4, 6],
    );
  });

  test('a name has the addresses of one family where the other has none, or does not answer', async () => {
    server.say('A four.test', ['192.0.2.1']);
    server.say('AAAA four.test', []);
    server.say('A mute.test', ['192.0.2.3']);
    server.say('AAAA mute.test', 'silence');
    assert.deepEqual(await addressesOf('four.test'), ['192.0.2.1']);
    assert.deepEqual(await addressesOf('mute.test'), ['192.0.2.3']);
  });

  test('a name has no addresses where DNS says so', async () => {
    server.say('A empty.test', []);
    server.say('AAAA empty.test', []);
    for (const name of ['nowhere.test', 'empty.test'])
      await assert.rejects(resolve(name), { code: 'ENOTFOUND' });
  });

  test('the addresses of a name are unknown where the server fails, or is silent', async () => {
    for (const type of ['A', 'AAAA']) {
      server.say(`${type} broken.test`, 'servfail');
      server.say(`${type} silent.test`, 'silence');
    }
    await assert.rejects(resolve('broken.test'), { code: 'ESERVFAIL' });
    await assert.rejects(resolve('silent.test'), { code: 'ETIMEOUT' });
  });

  test('names with silent servers keep no other name waiting', async () => {
    server.say('A quick.test', ['192.0.2.1']);
    server.say('AAAA quick.test', []);
    const silent = Array.from({ length: 20 }, (_, index) => `silent-${index}.test`);
    for (const name of silent) for (const type of ['A', 'AAAA']) server.say(`${type} ${name}`, 'silence');
    let isWaiting = true;
    const all = Promise.allSettled(silent.map(resolve)).then(() => {
      isWaiting = false;
    });
    assert.deepEqual(await addressesOf('quick.test'), ['192.0.2.1']);
    assert.equal(isWaiting, true);
    await all;
  });
});
