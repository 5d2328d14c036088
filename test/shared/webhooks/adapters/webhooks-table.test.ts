import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createWebhooksTable } from '../../../../shared/webhooks/adapters/webhooks-table.ts';
import type { Webhooks } from '../../../../shared/webhooks/ports.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { anId, NOON } from '../../../support/messages/message-builders.ts';
import { aWebhook } from '../../../support/webhooks/webhook-builders.ts';

describe('webhooks in the catalog', () => {
  let client: DynamoDBClient;
  let stop: () => Promise<void>;
  let webhooks: Webhooks;

  before(async () => {
    ({ client, stop } = await startDynalite());
    webhooks = createWebhooksTable(client, 'catalog');
  });
  after(() => stop());

  test('each is what was put, and listed newest first for its tenant alone', async () => {
    const [old, young] = [1, 2].map((index) =>
      aWebhook({ tenant: 'listed', webhookId: anId(NOON + index, index) }),
    );
    assert.ok(old && young);
    const full = {
      ...old,
      status: 'disabled' as const,
      disabledReason: 'gone',
      secrets: [{ secret: 'new' }, { secret: 'old', validUntilEpochMs: NOON }],
    };
    const others = aWebhook({ tenant: 'listed-too' });
    for (const webhook of [full, young, others]) await webhooks.put(webhook);
    assert.deepEqual(await webhooks.list('listed'), [young, full]);
    assert.deepEqual(await webhooks.list('listed-too'), [others]);
    assert.deepEqual(await webhooks.list('list'), []);
    assert.deepEqual(await webhooks.get('listed', full.webhookId), full);
    assert.equal(await webhooks.get('listed-too', full.webhookId), undefined);
  });

  test('a change is of what is given, and null removes a reason', async () => {
    const webhook = aWebhook({ tenant: 'changed' });
    const { webhookId } = webhook;
    await webhooks.put(webhook);
    const disabled = { ...webhook, status: 'disabled' as const, disabledReason: 'gone' };
    const disable = { status: 'disabled', disabledReason: 'gone' } as const;
    assert.deepEqual(await webhooks.update('changed', webhookId, disable), disabled);
    const enable = { status: 'enabled', disabledReason: null, events: ['email.sent'] } as const;
    const enabled = { ...webhook, events: ['email.sent'] };
    assert.deepEqual(await webhooks.update('changed', webhookId, enable), enabled);
    assert.deepEqual(await webhooks.update('changed', webhookId, { disabledReason: null }), enabled);
    assert.deepEqual(await webhooks.update('changed', webhookId, {}), enabled);
    assert.deepEqual(await webhooks.get('changed', webhookId), enabled);
  });

  test('two that decide on the same newest secret change it once', async () => {
    const webhook = aWebhook({ tenant: 'rotated', secrets: [{ secret: 'first' }] });
    await webhooks.put(webhook);
    const rotate = (secret: string, newest: string) =>
      webhooks.update('rotated', webhook.webhookId, { secrets: [{ secret }] }, newest);
    const answers = await Promise.all([rotate('one', 'first'), rotate('other', 'first')]);
    const [winner, ...rest] = answers.filter((answer) => answer !== undefined);
    assert.deepEqual(rest, []);
    assert.deepEqual(await webhooks.get('rotated', webhook.webhookId), winner);
    assert.equal((await rotate('later', winner?.secrets[0]?.secret ?? ''))?.secrets[0]?.secret, 'later');
  });

  test('a change makes none that is not there, and none is deleted twice', async () => {
    const webhook = aWebhook({ tenant: 'deleted' });
    const { webhookId } = webhook;
    assert.equal(await webhooks.update('deleted', webhookId, { status: 'disabled' }), undefined);
    assert.equal(await webhooks.update('deleted', webhookId, {}), undefined);
    await webhooks.put(webhook);
    assert.equal(await webhooks.delete('other', webhookId), false);
    assert.equal(await webhooks.delete('deleted', webhookId), true);
    assert.equal(await webhooks.delete('deleted', webhookId), false);
    assert.equal(await webhooks.update('deleted', webhookId, { status: 'disabled' }), undefined);
    assert.deepEqual(await webhooks.list('deleted'), []);
  });
});
