import { ContendedError } from '../../../shared/base/change.ts';
import { invalidField, unavailable } from '../../../shared/base/contract/errors.ts';
import { listObject, pageOf, readPage, withLimit } from '../../../shared/base/contract/page.ts';
import { readUuid } from '../../../shared/base/contract/uuid.ts';
import {
  newestSecretOf,
  webhookItem,
  webhookObject,
  webhookSecretObject,
} from '../../../shared/webhooks/contract/webhook-object.ts';
import { readNewWebhook, readWebhookChanges } from '../../../shared/webhooks/contract/webhook-request.ts';
import type { Webhook } from '../../../shared/webhooks/webhook.ts';
import { UNKNOWN_HEALTH } from '../../../shared/webhooks/webhook-health.ts';
import { MOST_SECRETS, rotateSecret } from '../../../shared/webhooks/webhook-secret.ts';
import { type Answer, type ApiRoute, created, ok, param, readFields } from '../call.ts';
import { eventDeliveryRoutes } from './event-deliveries.ts';
import { requireWebhook, webhookNotFound } from './require-webhook.ts';
import type { WebhookDeps } from './webhook-deps.ts';
import { webhookReplayRoutes } from './webhook-replays.ts';

/** Publishing an event reads all webhooks of its tenant. */
const MOST_WEBHOOKS = 50;
const ROTATION_TRIES = 3;

export function webhookRoutes(deps: WebhookDeps): readonly ApiRoute[] {
  return [
    { method: 'POST', pattern: '/webhooks', handler: createWebhook(deps) },
    { method: 'GET', pattern: '/webhooks', handler: listWebhooks(deps) },
    { method: 'GET', pattern: '/webhooks/{id}', handler: showWebhook(deps) },
    { method: 'PATCH', pattern: '/webhooks/{id}', handler: changeWebhook(deps) },
    { method: 'DELETE', pattern: '/webhooks/{id}', handler: deleteWebhook(deps) },
    { method: 'POST', pattern: '/webhooks/{id}/signing-secret/rotate', handler: rotateSigningSecret(deps) },
    ...webhookReplayRoutes(deps),
    ...eventDeliveryRoutes(deps),
  ];
}

function createWebhook({ webhooks, newWebhookSecret, webhookRules, clock, ids }: WebhookDeps): Answer {
  return async ({ claims: { tenant }, body }) => {
    const asked = readNewWebhook(readFields(body), webhookRules);
    if ((await webhooks.list(tenant)).length >= MOST_WEBHOOKS) {
      throw invalidField(`There are ${MOST_WEBHOOKS} webhooks, and there cannot be more; delete one first.`);
    }
    const webhook: Webhook = {
      webhookId: ids.next(),
      tenant,
      ...asked,
      status: 'enabled',
      secrets: [{ secret: newWebhookSecret() }],
      createdAt: new Date(clock.nowEpochMs()).toISOString(),
    };
    await webhooks.put(webhook);
    return created(webhookSecretObject(webhook));
  };
}

function listWebhooks({ webhooks }: WebhookDeps): Answer {
  return async ({ claims, query }) => {
    const page = withLimit(readPage(query));
    const { items, hasMore } = pageOf(await webhooks.list(claims.tenant), ({ webhookId }) => webhookId, page);
    return ok(listObject(items.map(webhookItem), hasMore));
  };
}

function showWebhook(deps: WebhookDeps): Answer {
  return async (call) => ok(webhookObject(await requireWebhook(call, deps)));
}

/**
 * A webhook that is enabled, or that gets another endpoint, begins anew: nothing is known of it then.
 */
function changeWebhook({ webhooks, webhookHealth, webhookRules }: WebhookDeps): Answer {
  return async (call) => {
    const id = readUuid(param(call, 'id'), 'id');
    const changes = readWebhookChanges(readFields(call.body), webhookRules);
    const reason = changes.status === 'enabled' ? { disabledReason: null } : {};
    const changed = await webhooks.update(call.claims.tenant, id, { ...changes, ...reason });
    if (changed === undefined) throw webhookNotFound();
    if (changes.status === 'enabled' || changes.endpoint !== undefined) {
      await webhookHealth.change(id, () => ({ answer: undefined, state: UNKNOWN_HEALTH }));
    }
    return ok({ object: 'webhook', id });
  };
}

function deleteWebhook({ webhooks }: WebhookDeps): Answer {
  return async (call) => {
    const id = readUuid(param(call, 'id'), 'id');
    if (!(await webhooks.delete(call.claims.tenant, id))) throw webhookNotFound();
    return ok({ object: 'webhook', id, deleted: true });
  };
}

/** Two at once follow each other, so that each secret that was answered signs. */
function rotateSigningSecret(deps: WebhookDeps): Answer {
  const { webhooks, newWebhookSecret, clock } = deps;
  return async (call) => {
    for (let tries = 0; tries < ROTATION_TRIES; tries++) {
      const webhook = await requireWebhook(call, deps);
      const rotation = rotateSecret(webhook.secrets, newWebhookSecret(), clock.nowEpochMs());
      if (rotation.kind === 'too-many') throw tooManySecrets(rotation.untilEpochMs);
      const { tenant, webhookId } = webhook;
      const changes = { secrets: rotation.secrets };
      const rotated = await webhooks.update(tenant, webhookId, changes, newestSecretOf(webhook));
      if (rotated !== undefined) return ok(webhookSecretObject(rotated));
    }
    throw unavailable('The secret is being rotated by others.', new ContendedError('A webhook'));
  };
}

function tooManySecrets(untilEpochMs: number) {
  const until = new Date(untilEpochMs).toISOString();
  return invalidField(
    `${MOST_SECRETS} secrets of this webhook are valid, and there cannot be more: the oldest of them is until ${until}.`,
  );
}
