import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createDnsResolver } from '../../../../shared/domains/adapters/dns-resolver.ts';
import type { DnsLookup } from '../../../../shared/domains/ports.ts';
import { type DnsServer, startDnsServer } from '../../../support/guarded-http/dns-server.ts';

let server: DnsServer;
let dns: DnsLookup;

before(async () => {
  server = await startDnsServer();
  dns = createDnsResolver({ servers: [server.address], timeoutMs: 100 });
});
after(() => server.close());

const lookUp = (type: 'CNAME' | 'MX' | 'TXT', fullName: string) => dns.lookUp({ type, fullName });

describe('a look at DNS', () => {
  test('gives the records that DNS has: names lower-cased, texts joined', async () => {
    server.say('CNAME one.acme.test', ['One.DKIM.amazonses.com']);
    server.say('MX send.acme.test', ['10 Feedback-SMTP.us-east-1.amazonses.com', '20 mx.acme.test']);
    server.say('TXT acme.test', ['v=spf1 -all', 'other=1']);
    const values = async (type: 'CNAME' | 'MX' | 'TXT', name: string) => {
      const answer = await lookUp(type, name);
      assert.ok(answer.kind === 'answered');
      return [...answer.values].sort();
    };
    assert.deepEqual(await values('CNAME', 'one.acme.test'), ['one.dkim.amazonses.com']);
    assert.deepEqual(await values('MX', 'send.acme.test'), [
      '10 feedback-smtp.us-east-1.amazonses.com',
      '20 mx.acme.test',
    ]);
    assert.deepEqual(await values('TXT', 'acme.test'), ['other=1', 'v=spf1 -all']);
  });

  test('answers no records for a missing name and for a missing type', async () => {
    server.say('TXT empty.test', []);
    for (const name of ['nothing.test', 'empty.test'])
      assert.deepEqual(await lookUp('TXT', name), { kind: 'answered', values: [] });
  });

  test('leaves records unknown where the server fails, is silent or is not there', async () => {
    server.say('MX broken.test', 'servfail');
    server.say('MX silent.test', 'silence');
    assert.deepEqual(await lookUp('MX', 'broken.test'), {
      kind: 'unknown',
      reason: 'the server failed (SERVFAIL)',
    });
    assert.deepEqual(await lookUp('MX', 'silent.test'), { kind: 'unknown', reason: 'timed out' });
    const nowhere = createDnsResolver({ servers: ['127.0.0.1:9'], timeoutMs: 100 });
    assert.equal((await nowhere.lookUp({ type: 'MX', fullName: 'acme.test' })).kind, 'unknown');
  });
});
