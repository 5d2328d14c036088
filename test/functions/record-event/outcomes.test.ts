import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { totalOf } from '../../../shared/reputation/guard.ts';
import { newTenant } from '../../../shared/tenants/tenant.ts';
import { createRecordEventWorld } from '../../support/feedback/record-event-world.ts';
import { changed, onBus, onTopic, readSesFixture } from '../../support/feedback/ses-fixtures.ts';
import { buildMessage } from '../../support/messages/delivery-builders.ts';
import { buildStreams, TENANTS } from '../../support/streams/stream-builders.ts';

const SES_ID = '0100019ab01888801-7c191be4-e9ae-db9a-02f9-4d12a87ddd00-000000';

const aWorld = () => createRecordEventWorld([buildMessage({ sesMessageId: SES_ID })]);

const totalIn = ({ windows }: ReturnType<typeof aWorld>) => {
  const window = windows.get('stream#transactional');
  return window === undefined ? undefined : totalOf(window);
};

describe('what an event says about our sending', () => {
  const table: readonly [fixture: string, bounced: number, complained: number][] = [
    ['bounce-permanent', 1, 0],
    ['bounce-global-list', 1, 0],
    ['bounce-transient', 0, 0],
    ['bounce-undetermined', 0, 0],
    ['bounce-account-list', 0, 0],
    ['bounce-tenant-list', 0, 0],
    ['complaint', 0, 1],
    ['complaint-not-spam', 0, 0],
    ['complaint-auth-failure', 0, 0],
    ['complaint-account-list', 0, 0],
    ['delivery', 0, 0],
  ];
  for (const [fixture, bounced, complained] of table) {
    test(`${fixture} counts ${bounced} bounces and ${complained} complaints, through both paths and twice`, async () => {
      const world = aWorld();
      const event = readSesFixture(fixture);
      for (const each of [onBus(event), onTopic(event), event]) await world.receive(each);
      const { bounced: bounces = 0, complained: complaints = 0 } = totalIn(world) ?? {};
      assert.deepEqual([bounces, complaints], [bounced, complained]);
    });
  }

  test('forty bounces pause the stream, once and with the reason', async () => {
    const world = aWorld();
    const bounce = readSesFixture('bounce-permanent');
    for (let count = 1; count <= 45; count++) {
      await world.receive(changed(bounce, { 'bounce.feedbackId': `feedback-${count}` }));
      assert.equal(world.paused.length, count < 40 ? 0 : 1);
    }
    assert.deepEqual(world.paused, [
      { stream: 'transactional', reason: 'bounce_rate: 4.00 % of the last 1000, line 4 %' },
    ]);
    assert.equal(world.metrics.get('StreamsNearGuardLine'), 20, 'from the twentieth on');
  });

  test('counts that cannot be written hold nothing up, and are written with the next', async () => {
    const world = aWorld();
    const bounce = readSesFixture('bounce-permanent');
    world.down.add('reputation');
    await world.receive(bounce);
    assert.equal(world.requeued.length, 0);
    assert.equal(world.suppressions.entries.size, 1);
    world.down.clear();
    await world.receive(changed(bounce, { 'bounce.feedbackId': 'another' }));
    assert.equal(totalIn(world)?.bounced, 2);
  });

  test('deliveries, delays and deferrals are told by provider, every ten seconds and once each', async () => {
    const world = aWorld();
    const to = (fixture: string, recipient: string) => {
      const paths: Record<string, Record<string, unknown>> = {
        delivery: { 'delivery.recipients': [recipient] },
        'delivery-delay': {
          'deliveryDelay.delayType': 'General',
          'deliveryDelay.delayedRecipients': [{ emailAddress: recipient }],
        },
      };
      return changed(readSesFixture(fixture), paths[fixture] ?? {});
    };
    await world.receive(to('delivery', 'ann@gmail.com'));
    await world.receive(to('delivery', 'ann@gmail.com'));
    await world.receive(to('delivery-delay', 'bob@yahoo.com'));
    assert.deepEqual(world.signals, []);
    world.clock.now += 10_000;
    await world.receive(to('delivery', 'cid@outlook.com'));
    assert.deepEqual(world.signals, [
      {
        gmail: { delayed: 0, delivered: 1 },
        yahoo: { delayed: 1, delivered: 0 },
        microsoft: { delayed: 0, delivered: 1 },
      },
    ]);
  });

  test('a full mailbox is no word about its provider', async () => {
    const world = aWorld();
    await world.receive(
      changed(readSesFixture('delivery-delay'), { 'deliveryDelay.delayType': 'MailboxFull' }),
    );
    world.clock.now += 10_000;
    await world.receive(readSesFixture('delivery'));
    assert.deepEqual(world.signals, [{ rest: { delayed: 0, delivered: 1 } }]);
  });
});

describe('a tenant', () => {
  const acme = newTenant('acme', '');
  const tenantWorld = () => {
    const world = createRecordEventWorld(
      [buildMessage({ sesMessageId: SES_ID, tenant: 'acme' })],
      buildStreams(undefined, TENANTS),
    );
    world.tenants.rows.set('acme', acme);
    return world;
  };
  const ofAcme = (event: ReturnType<typeof readSesFixture>) =>
    changed(event, { 'mail.tags.postlane-tenant': ['acme'] });

  test('its own bounces pause it, and suppress for it alone', async () => {
    const world = tenantWorld();
    for (let count = 1; count <= 40; count++) {
      const bounce = changed(readSesFixture('bounce-permanent'), { 'bounce.feedbackId': `f-${count}` });
      await world.receive(ofAcme(bounce));
    }
    const { status, pausedBy, reason } = world.tenants.rows.get('acme') ?? acme;
    assert.deepEqual([status, pausedBy], ['paused', 'guard']);
    assert.match(reason ?? '', /^bounce_rate: 4\.00 %/);
    assert.deepEqual([...world.suppressions.entries.keys()], ['tenant:acme#ann@example.net']);
  });

  const statusEvent = (type: 'Enabled' | 'Disabled', resource: string) => ({
    ...{ version: '0', source: 'aws.ses', 'detail-type': `Sending Status ${type}` },
    resources: [resource],
    detail: { version: '1.0.0', data: { origin: 'AWS_SES', record: { status: type.toUpperCase() } } },
  });
  const arnOf = (name: string) => `arn:aws:ses:us-east-1:123456789012:tenant/${name}/tn-0123`;

  test('SES disables it: it is paused, and goes on when SES lets it', async () => {
    const world = tenantWorld();
    await world.receive(statusEvent('Disabled', arnOf('acme')));
    assert.equal(world.tenants.rows.get('acme')?.pausedBy, 'ses');
    await world.receive(statusEvent('Enabled', arnOf('acme')));
    assert.equal(world.tenants.rows.get('acme')?.status, 'active');
  });

  test('another tenant of the account is none of ours, nor is the account itself', async () => {
    const world = tenantWorld();
    await world.receive(statusEvent('Disabled', arnOf('another')));
    await world.receive(statusEvent('Disabled', 'arn:aws:ses:us-east-1:123456789012:account'));
    assert.deepEqual([...world.tenants.rows.values()], [acme]);
    assert.equal(world.metrics.get('EventsOfUnknownType'), 1);
  });
});
