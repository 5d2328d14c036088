import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toSendEmail } from '../../../shared/sending/adapters/ses-request.ts';
import { buildAccepted } from '../../support/messages/delivery-builders.ts';
import { buildJob, createSendWorld } from '../../support/sending/send-message-world.ts';
import { buildStreams, TENANTS } from '../../support/streams/stream-builders.ts';

const aWorld = (tenant: string, streams = buildStreams(undefined, TENANTS)) =>
  createSendWorld([buildAccepted({ tenant })], streams);

describe('mail of a tenant', () => {
  test("mail of a tenant leaves under its name, and the operator's under none", async () => {
    for (const [tenant, name] of [
      ['acme', 'acme'],
      ['default', undefined],
    ] as const) {
      const world = aWorld(tenant);
      await world.receive(buildJob({ tenant }));
      const [mail] = world.mailer.sent;
      assert.ok(mail);
      assert.equal(toSendEmail(mail).TenantName, name);
    }
  });

  test('mail of a tenant waits while the tenant is paused, and leaves when it goes on', async () => {
    const world = aWorld('acme');
    await world.tenants.pause('acme', { by: 'ses', reason: 'disabled', nowEpochMs: world.clock.now });
    await world.receive(buildJob({ tenant: 'acme' }));
    assert.deepEqual([world.row().status, world.queue.queued[0]?.delaySeconds], ['accepted', 5]);
    await world.tenants.resume('acme', world.clock.now);
    await world.runQueue();
    assert.equal(world.row().status, 'sent');
  });

  test('asks for a pause before its content is read and right before its claim, and not oftener', async () => {
    const world = aWorld('acme');
    const { find } = world.tenants;
    const watched = async (name: string) => {
      world.calls.push('isPaused');
      return find(name);
    };
    Object.assign(world.tenants, { find: watched });
    world.onSleep = () => void world.calls.push('sleep');
    await world.receive(buildJob({ tenant: 'acme', content: { kind: 'table' } }));
    const steps = world.calls.slice(0, world.calls.indexOf('claim') + 1);
    assert.deepEqual(steps, ['isPaused', 'getContent', 'sleep', 'isPaused', 'claim']);
  });

  test('mail of a tenant leaves while another one is paused', async () => {
    const world = aWorld('acme');
    await world.tenants.pause('globex', { by: 'guard', reason: 'bounces', nowEpochMs: world.clock.now });
    await world.receive(buildJob({ tenant: 'acme' }));
    assert.equal(world.row().status, 'sent');
  });

  test("the account's suppressions stop it and its tenant's, and no others", async () => {
    for (const [scope, status] of [
      ['account', 'suppressed'],
      ['tenant:acme', 'suppressed'],
      ['tenant:globex', 'sent'],
    ] as const) {
      const world = aWorld('acme');
      await world.suppressions.forScope(scope).add({
        ...{ suppressionId: 'one', address: 'ann@example.net', origin: 'bounce' },
        createdAt: '2026-11-23T00:00:00.000Z',
      });
      await world.receive(buildJob({ tenant: 'acme' }));
      assert.equal(world.row().status, status, scope);
    }
  });

  test('it counts for its stream and its tenant', async () => {
    const world = aWorld('acme');
    await world.receive(buildJob({ tenant: 'acme' }));
    assert.deepEqual(world.counted, [{ tenant: 'acme', stream: 'transactional', recipients: 1 }]);
  });
});
