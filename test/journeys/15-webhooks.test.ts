import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Resend } from 'resend';
import { startTestCloud, type TestCloud } from '../support/journeys/local-cloud.ts';

describe('a webhook, with nothing but the resend SDK', () => {
  let cloud: TestCloud;
  let resend: Resend;
  before(async () => {
    cloud = await startTestCloud();
    resend = new Resend(cloud.apiKey, { baseUrl: cloud.url });
  });
  after(() => cloud.close());

  test('a webhook is made for an endpoint on this machine, shown, changed, rotated and removed by the SDK', async () => {
    const endpoint = 'http://localhost:4000/hook';
    const made = await resend.webhooks.create({ endpoint, events: ['email.delivered'] });
    assert.equal(made.error, null);
    const { id = '', signing_secret: secret } = made.data ?? {};

    const shown = await resend.webhooks.get(id);
    assert.deepEqual(
      [shown.data?.endpoint, shown.data?.status, shown.data?.events, shown.data?.signing_secret],
      [endpoint, 'enabled', ['email.delivered'], secret],
    );
    assert.deepEqual((await resend.webhooks.update(id, { status: 'disabled' })).data, {
      object: 'webhook',
      id,
    });
    const { data: list } = await resend.webhooks.list();
    assert.deepEqual(
      list?.data.map((each) => [each.id, each.status]),
      [[id, 'disabled']],
    );

    await cloud.advance(3_600);
    const rotated = await resend.webhooks.rotateSigningSecret(id);
    assert.notEqual(rotated.data?.signing_secret, secret);
    assert.equal((await resend.webhooks.get(id)).data?.signing_secret, rotated.data?.signing_secret);

    assert.equal((await resend.webhooks.remove(id)).data?.deleted, true);
    assert.equal((await resend.webhooks.get(id)).error?.name, 'not_found');
  });

  test('a webhook is for no other private address, not even in the local cloud', async () => {
    for (const endpoint of ['http://169.254.169.254/', 'https://10.0.0.1/', 'http://[::1]:4000/']) {
      const { error } = await resend.webhooks.create({ endpoint, events: ['email.sent'] });
      assert.deepEqual([error?.statusCode, error?.name], [422, 'validation_error'], endpoint);
    }
    assert.deepEqual((await resend.webhooks.list()).data?.data, []);
  });
});
