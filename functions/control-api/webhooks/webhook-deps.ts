import type { JobQueue } from '../../../shared/base/job-queue.ts';
import type { Clock, Ids, Log } from '../../../shared/base/ports.ts';
import type { EventLogReader } from '../../../shared/event-log/ports.ts';
import type { WebhookQueueJob } from '../../../shared/webhooks/contract/webhook-job.ts';
import type { WebhookDeliveries, Webhooks } from '../../../shared/webhooks/ports.ts';
import type { WebhookHealths } from '../../../shared/webhooks/webhook-health.ts';

export interface WebhookDeps {
  readonly webhooks: Webhooks;
  readonly webhookHealth: Pick<WebhookHealths, 'change'>;
  readonly webhookDeliveries: Pick<WebhookDeliveries, 'list' | 'get' | 'put'>;
  readonly eventLog: Pick<EventLogReader, 'get'>;
  /** Of endpoints that may be slow: what is asked for again has often failed before. */
  readonly slowWebhookQueue: Pick<JobQueue<WebhookQueueJob>, 'enqueue'>;
  /** As `formatWebhookSecret` writes it. */
  readonly newWebhookSecret: () => string;
  readonly webhookRules: { readonly isLocalAllowed: boolean };
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Pick<Log, 'warn'>;
}
