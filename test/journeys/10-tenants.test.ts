import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Resend } from 'resend';
import { eventually } from '../support/base/eventually.ts';
import { aMail, request } from '../support/journeys/journey.ts';
import { startTestCloud, type TestCloud } from '../support/journeys/local-cloud.ts';

/** A deployment whose config lets tenants be. */
describe('tenants', () => {
  let cloud: TestCloud;

  before(async () => {
    cloud = await startTestCloud({ config: { tenants: { dailyRecipients: 1_000 } } });
    process.env.RESEND_BASE_URL = cloud.url;
  });
  after(() => cloud.close());

  /** A tenant with a key, as the official SDK uses it. */
  async function aTenant(name: string, more: object = {}) {
    assert.equal((await request(cloud, 'POST', '/tenants', { name, ...more })).status, 201);
    const { body } = await request(cloud, 'POST', '/api-keys', { name: `key of ${name}`, tenant: name });
    return { name, token: String(body.token), resend: new Resend(String(body.token)) };
  }
  type TestTenant = Awaited<ReturnType<typeof aTenant>>;

  const send = async ({ resend }: TestTenant, to: string) => {
    const { data, error } = await resend.emails.send({ ...aMail(), to });
    assert.equal(error, null);
    return String(data?.id);
  };
  const reaches = ({ resend }: TestTenant, id: string, event: string) =>
    eventually(async () => assert.equal((await resend.emails.get(id)).data?.last_event, event));

  test('tenants send under their names, and see their own mail alone', async () => {
    const [acme, globex] = [await aTenant('acme'), await aTenant('globex')];
    const [one, other] = [await send(acme, 'a@example.org'), await send(globex, 'b@example.org')];
    await reaches(acme, one, 'delivered');
    await reaches(globex, other, 'delivered');
    assert.deepEqual((await cloud.inbox()).map(({ tenant }) => tenant).sort(), ['acme', 'globex']);
    assert.equal((await acme.resend.emails.get(other)).error?.name, 'not_found');
    assert.deepEqual(
      (await globex.resend.emails.list()).data?.data.map(({ id }) => id),
      [other],
    );
    assert.equal((await request(cloud, 'GET', `/emails/${one}`)).status, 404, 'nor does the operator');
  });

  test('tenants keep their suppressions to themselves, and heed those of the account', async () => {
    const [one, other] = [await aTenant('bounces'), await aTenant('delivers')];
    const to = 'bounce+shared@simulator.amazonses.com';
    await reaches(one, await send(one, to), 'bounced');
    await reaches(one, await send(one, to), 'suppressed');
    await reaches(other, await send(other, to), 'bounced');

    await request(cloud, 'POST', '/suppressions', { email: 'never@example.org' });
    await reaches(other, await send(other, 'never@example.org'), 'suppressed');
    assert.equal((await one.resend.suppressions.list()).data?.data.length, 1);
  });

  test('tenants send no more recipients a day than they may', async () => {
    const small = await aTenant('small', { daily_recipients: 2 });
    await send(small, 'one@example.org');
    const { error } = await small.resend.emails.send({ ...aMail(), to: ['x@example.org', 'y@example.org'] });
    assert.deepEqual([error?.statusCode, error?.name], [429, 'daily_quota_exceeded']);
    await send(small, 'two@example.org');
    assert.equal((await request(cloud, 'GET', '/tenants/small')).body.used_today, 2);
  });

  test('tenants are held while SES has disabled them, and lose nothing', async () => {
    const held = await aTenant('held');
    const setStatus = async (sendingStatus: string) => {
      const body = JSON.stringify({ sendingStatus });
      await fetch(`${cloud.url}/_local/tenants/held`, { method: 'POST', body });
    };
    await setStatus('DISABLED');
    await eventually(async () => {
      const { body } = await request(cloud, 'GET', '/tenants/held');
      assert.deepEqual([body.status, body.paused_by], ['paused', 'ses']);
    });
    await cloud.advance(3);
    const refusedBefore = await refusedBySes();
    const id = await send(held, 'patient@example.org');
    await sleep(1_500);
    assert.deepEqual(await cloud.inbox('patient@example.org'), []);
    assert.deepEqual(await refusedBySes(), refusedBefore, 'SES was not asked');

    await setStatus('ENABLED');
    await reaches(held, id, 'delivered');
  });

  const refusedBySes = async () =>
    ((await (await fetch(`${cloud.url}/_local/ses`)).json()) as { refused: object }).refused;
});
