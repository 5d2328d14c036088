import { requireFullAccess } from '../../shared/access/contract/permissions.ts';
import type { Authenticate } from '../../shared/access/services/authenticate.ts';
import {
  type ContractResponse,
  methodNotAllowed,
  notFound,
  type PageResponse,
} from '../../shared/base/contract/errors.ts';
import { OPERATOR_TENANT } from '../../shared/base/tenant-name.ts';
import { type ApiKeyDeps, apiKeyRoutes } from './access/api-keys.ts';
import type { ApiRoute } from './call.ts';
import type { DomainDeps } from './domains/domain-deps.ts';
import { domainRoutes } from './domains/domains.ts';
import { type AttachmentDeps, attachmentRoutes } from './emails/attachments.ts';
import { type CancelDeps, cancelRoute } from './emails/cancel-email.ts';
import { emailRoutes } from './emails/emails.ts';
import { type RescheduleDeps, rescheduleRoute } from './emails/reschedule-email.ts';
import { type EventLogDeps, eventLogRoutes } from './events/event-log.ts';
import { type MetricsDeps, metricsRoute } from './metrics/metrics.ts';
import { notBuiltRoutes } from './not-built-yet.ts';
import { matchRoute } from './router.ts';
import { type StreamDeps, streamRoutes } from './streams/streams.ts';
import { type SuppressionDeps, suppressionRoutes } from './suppressions/suppressions.ts';
import { suppressionBatchRoutes } from './suppressions/suppressions-batch.ts';
import { createUnsubscribe, type UnsubscribeDeps } from './suppressions/unsubscribe.ts';
import { type TenantDeps, tenantRoutes } from './tenants/tenants.ts';
import { webhookEventRoutes } from './webhooks/event-deliveries.ts';
import { type WebhookReplayDeps, webhookReplayRoutes } from './webhooks/webhook-replays.ts';
import { type WebhookDeps, webhookRoutes } from './webhooks/webhooks.ts';

/** The use case of the two sending routes. */
type AcceptMessage = (input: {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly route: 'single' | 'batch';
}) => Promise<ContractResponse>;

type Shared = 'messages' | 'objects';
type Told = 'webhooks' | 'eventLog';

export interface ControlDeps
  extends Omit<AttachmentDeps, Shared>,
    Omit<ApiKeyDeps, 'domains' | 'tenants'>,
    DomainDeps,
    Omit<MetricsDeps, Shared>,
    StreamDeps,
    SuppressionDeps,
    Omit<TenantDeps, 'domains'>,
    Omit<UnsubscribeDeps, Shared>,
    Omit<WebhookReplayDeps, Told>,
    WebhookDeps,
    Omit<RescheduleDeps, Shared> {
  readonly messages: AttachmentDeps['messages'] &
    RescheduleDeps['messages'] &
    CancelDeps['messages'] &
    UnsubscribeDeps['messages'];
  readonly objects: AttachmentDeps['objects'] & RescheduleDeps['objects'];
  readonly eventLog: WebhookReplayDeps['eventLog'] & EventLogDeps['eventLog'];
  readonly authenticate: Authenticate;
  readonly acceptMessage: AcceptMessage;
}

export interface ControlRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Every route but the two that send, and those two as well where their path is spelt oddly. Who asks is settled before
 * what is asked: without a key nothing is told, not even which routes exist. Links of mails alone are their own right.
 * @throws ContractError for every answer that is not a success
 */
export function createControlApi(deps: ControlDeps) {
  const sends = sendRoutes(deps.acceptMessage);
  const forTenants: readonly ApiRoute[] = [
    ...sends,
    ...notBuiltRoutes,
    metricsRoute(deps),
    ...emailRoutes(deps),
    rescheduleRoute(deps),
    cancelRoute(deps),
    ...attachmentRoutes(deps),
    ...apiKeyRoutes(deps),
    ...domainRoutes(deps),
    ...suppressionBatchRoutes(deps),
    ...suppressionRoutes(deps),
    ...webhookRoutes(deps),
    ...eventLogRoutes(deps),
    ...webhookReplayRoutes(deps),
    ...webhookEventRoutes(deps),
  ];
  // About what all tenants share.
  const forOperator = [...forTenants, ...streamRoutes(deps), ...tenantRoutes(deps)];
  const unsubscribe = createUnsubscribe(deps);

  return async (request: ControlRequest): Promise<ContractResponse | PageResponse> => {
    const page = await unsubscribe(request);
    if (page !== undefined) return page;

    const { method, path, ...rest } = request;
    const claims = await deps.authenticate(rest.headers);
    if (matchRoute(sends, method, path).kind !== 'found') requireFullAccess(claims);

    const routes = claims.tenant === OPERATOR_TENANT ? forOperator : forTenants;
    const match = matchRoute(routes, method, path);
    if (match.kind === 'unknown') throw notFound('The requested endpoint does not exist.');
    if (match.kind === 'wrong-method') throw methodNotAllowed(method, match.allowed);
    return match.handler({ ...rest, claims, params: match.params });
  };
}

function sendRoutes(acceptMessage: AcceptMessage): readonly ApiRoute[] {
  const send =
    (route: 'single' | 'batch'): ApiRoute['handler'] =>
    ({ headers, body }) =>
      acceptMessage({ headers, body, route });
  return [
    { method: 'POST', pattern: '/emails', handler: send('single') },
    { method: 'POST', pattern: '/emails/batch', handler: send('batch') },
  ];
}
