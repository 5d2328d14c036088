import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import {
  formatDelivery,
  toDeliveries,
} from '../../../../shared/webhooks/adapters/webhook-deliveries-codec.ts';
import { webhookQueueJob } from '../../../../shared/webhooks/contract/webhook-job.ts';
import type { WebhookDelivery } from '../../../../shared/webhooks/ports.ts';
import { readWire, readWireRow } from '../../../support/base/wire-fixtures.ts';

const SUCCESSES = readWireRow<readonly WebhookDelivery[]>('webhook-successes');
const DELIVERY = readWireRow<readonly WebhookDelivery[]>('webhook-delivery');

describe('deliveries as they are stored', () => {
  for (const [name, { item, read }] of Object.entries({ SUCCESSES, DELIVERY })) {
    test(`${name.toLowerCase()} say what they said`, () => {
      assert.deepEqual(toDeliveries(unmarshall(item)).toReversed(), read);
    });
  }

  test('what an item of one event has, it still has', () => {
    const [delivery] = DELIVERY.read;
    assert.ok(delivery);
    const attributesOf = (state: object) => Object.keys(state).sort();
    assert.deepEqual(attributesOf(formatDelivery(delivery)), attributesOf(unmarshall(DELIVERY.item).state));
  });
});

describe('bodies of the webhook queues', () => {
  for (const name of ['webhook-job', 'webhook-replay-job']) {
    test(`${name} is read as it was written`, () => {
      const body = readWire(name);
      assert.deepEqual(webhookQueueJob.parse(body), body);
    });

    test(`${name} of another version is refused`, () => {
      const body = readWire<object>(name);
      for (const version of [1, 3]) assert.throws(() => webhookQueueJob.parse({ ...body, version }));
    });
  }
});
