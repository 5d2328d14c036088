import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type DomainRecords, Resend } from 'resend';
import { eventually } from '../support/base/eventually.ts';
import { type DnsServer, startDnsServer } from '../support/guarded-http/dns-server.ts';
import { withVariable } from '../support/journeys/everything.ts';
import { withCloud } from '../support/journeys/journey.ts';
import { startTestCloud, type TestCloud } from '../support/journeys/local-cloud.ts';

/** What Postlane says of a record beside the contract. */
type ShownRecord = DomainRecords & {
  readonly full_name: string;
  readonly purpose: string;
  readonly dns: { readonly result: string; readonly found: readonly string[] };
};

const sdkFor = (cloud: TestCloud, key = cloud.apiKey) => new Resend(key, { baseUrl: cloud.url });

const sendFrom = (sdk: Resend, domain: string) =>
  sdk.emails.send({ from: `a@${domain}`, to: 'b@example.org', subject: 'Hello', text: 'Hello' });

async function showDomain(sdk: Resend, id: string) {
  const { data, error } = await sdk.domains.get(id);
  assert.equal(error, null);
  return { status: data?.status, records: (data?.records ?? []) as ShownRecord[] };
}

describe('a domain, with nothing but the resend SDK', () => {
  let cloud: TestCloud;
  let resend: Resend;
  before(async () => {
    cloud = await startTestCloud();
    resend = sdkFor(cloud);
  });
  after(() => cloud.close());

  test('a domain is added, verified, sent from, bound to a key, changed and removed by the SDK alone', async () => {
    const made = await resend.domains.create({ name: 'Mail.Acme.test', trackingSubdomain: 'links' });
    assert.equal(made.error, null);
    assert.ok(made.data);
    const { id, status, region, records } = made.data;
    assert.deepEqual([status, region], ['not_started', 'us-east-1']);
    assert.deepEqual(
      records.map(({ record, type, name }) => `${record} ${type} ${name.replace(/^\w{32}/, 'selector')}`),
      [
        ...Array.from({ length: 3 }, () => 'DKIM CNAME selector._domainkey.mail'),
        'SPF MX send.mail',
        'SPF TXT send.mail',
        'SPF TXT _dmarc.mail',
        'Tracking CNAME links.mail',
      ],
    );

    const early = await sendFrom(resend, 'mail.acme.test');
    assert.deepEqual([early.error?.statusCode, early.error?.name], [403, 'validation_error']);

    const asked = await resend.domains.verify(id);
    assert.equal(asked.error, null);
    assert.equal(asked.data?.id, id);
    assert.equal((await showDomain(resend, id)).status, 'verified');

    const { data: mail } = await sendFrom(resend, 'mail.acme.test');
    assert.ok(mail);
    await eventually(async () =>
      assert.equal((await resend.emails.get(mail.id)).data?.last_event, 'delivered'),
    );

    const key = await resend.apiKeys.create({ name: 'bound', permission: 'sending_access', domain_id: id });
    const bound = sdkFor(cloud, key.data?.token);
    assert.equal((await sendFrom(bound, 'mail.acme.test')).error, null);
    assert.equal((await sendFrom(bound, 'example.com')).error?.statusCode, 403);

    const changed = await resend.domains.update({ id, openTracking: true, tls: 'enforced' });
    assert.deepEqual(changed.data, { object: 'domain', id });
    assert.equal((await resend.domains.get(id)).data?.open_tracking, true);

    const removed = await resend.domains.remove(id);
    assert.deepEqual(removed.data, { object: 'domain', id, deleted: true });
    assert.equal((await resend.domains.get(id)).error?.name, 'not_found');
    await cloud.advance(60);
    assert.equal((await sendFrom(resend, 'mail.acme.test')).error?.statusCode, 403);
  });

  test('a domain of the config is there from the start, and stays', async () => {
    const { data } = await resend.domains.list();
    const [own] = data?.data ?? [];
    assert.deepEqual([own?.name, own?.status, data?.has_more], ['example.com', 'verified', false]);
    const refused = await resend.domains.remove(own?.id ?? '');
    assert.equal(refused.error?.statusCode, 403);
    assert.match(refused.error?.message ?? '', /postlane\.config\.ts/);
  });

  test('a domain is registered once, and can be again once it was removed', async () => {
    const { data } = await resend.domains.create({ name: 'twice.test' });
    const again = await resend.domains.create({ name: 'twice.test' });
    assert.deepEqual([again.error?.statusCode, again.error?.name], [403, 'validation_error']);
    assert.equal((await resend.domains.remove(data?.id ?? '')).error, null);
    assert.equal((await resend.domains.create({ name: 'twice.test' })).error, null);
  });
});

describe('a domain whose DNS is looked at', () => {
  let dns: DnsServer;
  let cloud: TestCloud;
  let resend: Resend;
  before(async () => {
    dns = await startDnsServer();
    cloud = await startTestCloud({ environment: { POSTLANE_DNS_SERVER: dns.address } });
    resend = sdkFor(cloud);
  });
  after(async () => {
    await cloud.close();
    await dns.close();
  });

  const set = ({ type, full_name, value, ...rest }: ShownRecord) => {
    const priority = 'priority' in rest && rest.priority !== undefined ? `${rest.priority} ` : '';
    dns.say(`${type} ${full_name}`, [`${priority}${value}`]);
  };

  test('verifying a domain tells which record is wrong and what stands there, until all are right', async () => {
    const { data } = await resend.domains.create({ name: 'acme.test' });
    const id = data?.id ?? '';
    const { records } = await showDomain(resend, id);
    for (const record of records) set(record);
    const [first, second] = records;
    assert.ok(first && second);
    dns.say(`CNAME ${first.full_name}`, ['elsewhere.example']);
    dns.say(`CNAME ${second.full_name}`, 'servfail');

    assert.equal((await resend.domains.verify(id)).error, null);
    const wrong = await showDomain(resend, id);
    assert.equal(wrong.status, 'pending');
    const [one, two, three] = wrong.records;
    assert.deepEqual([one?.status, one?.dns], ['failed', { result: 'wrong', found: ['elsewhere.example'] }]);
    assert.deepEqual([two?.status, two?.dns.result], ['pending', 'unknown']);
    assert.deepEqual([three?.status, three?.dns.result], ['pending', 'right']);

    for (const record of records) set(record);
    await resend.domains.verify(id);
    const right = await showDomain(resend, id);
    assert.equal(right.status, 'verified');
    assert.ok(right.records.every(({ status }) => status === 'verified'));
    assert.equal((await sendFrom(resend, 'acme.test')).error, null);
  });

  test('a domain stops sending when SES takes its verification back', async () => {
    const { data } = await resend.domains.create({ name: 'lost.test' });
    const id = data?.id ?? '';
    const { records } = await showDomain(resend, id);
    for (const record of records) set(record);
    await resend.domains.verify(id);
    assert.equal((await sendFrom(resend, 'lost.test')).error, null);

    for (const { type, full_name } of records) dns.forget(`${type} ${full_name}`);
    await cloud.advance(6 * 60);
    assert.equal((await showDomain(resend, id)).status, 'failed');
    await eventually(async () => assert.equal((await sendFrom(resend, 'lost.test')).error?.statusCode, 403));
  });
});

test('a domain that was taken out of the config is adopted with its identity, and leaves it there', async () => {
  await withCloud({ edit: withVariable('SENDING_DOMAINS', 'other.example.com') }, async (cloud) => {
    const resend = sdkFor(cloud);
    assert.equal((await sendFrom(resend, 'example.com')).error?.statusCode, 403);
    for (let round = 0; round < 2; round++) {
      const { data } = await resend.domains.create({ name: 'example.com' });
      assert.equal(data?.status, 'verified');
      assert.equal((await sendFrom(resend, 'example.com')).error, null);
      assert.equal((await resend.domains.remove(data?.id ?? '')).error, null);
    }
  });
});
