import type { Authenticate } from '../../shared/contract/authentication.ts';
import { ContractError, type ContractResponse, notFound } from '../../shared/contract/errors.ts';
import { requireFullAccess } from '../../shared/contract/permissions.ts';
import { OPERATOR_TENANT } from '../../shared/domain/tenant.ts';
import { type ApiKeyDeps, apiKeyRoutes } from './api-keys.ts';
import { type AttachmentDeps, attachmentRoutes } from './attachments.ts';
import type { ApiRoute } from './call.ts';
import { type CancelDeps, cancelRoute } from './cancel-email.ts';
import type { DomainDeps } from './domain-deps.ts';
import { domainRoutes } from './domains.ts';
import { emailRoutes } from './emails.ts';
import { type EventLogDeps, eventLogRoutes } from './event-log.ts';
import { notBuiltRoutes } from './not-built-yet.ts';
import { type RescheduleDeps, rescheduleRoute } from './reschedule-email.ts';
import { matchRoute } from './router.ts';
import { type StreamDeps, streamRoutes } from './streams.ts';
import { type SuppressionDeps, suppressionRoutes } from './suppressions.ts';
import { suppressionBatchRoutes } from './suppressions-batch.ts';
import { type TenantDeps, tenantRoutes } from './tenants.ts';

/** The use case of the two sending routes. */
type AcceptMessage = (input: {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly route: 'single' | 'batch';
}) => Promise<ContractResponse>;

type Shared = 'messages' | 'objects';

export interface ControlDeps
  extends Omit<AttachmentDeps, Shared>,
    Omit<ApiKeyDeps, 'domains' | 'tenants'>,
    DomainDeps,
    EventLogDeps,
    StreamDeps,
    SuppressionDeps,
    Omit<TenantDeps, 'domains'>,
    Omit<RescheduleDeps, Shared> {
  readonly messages: AttachmentDeps['messages'] & RescheduleDeps['messages'] & CancelDeps['messages'];
  readonly objects: AttachmentDeps['objects'] & RescheduleDeps['objects'];
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
 * what is asked: without a key nothing is told, not even which routes exist.
 * @throws ContractError for every answer that is not a success
 */
export function createControlApi(deps: ControlDeps) {
  const sends = sendRoutes(deps.acceptMessage);
  const forTenants: readonly ApiRoute[] = [
    ...sends,
    ...notBuiltRoutes,
    ...emailRoutes(deps),
    rescheduleRoute(deps),
    cancelRoute(deps),
    ...attachmentRoutes(deps),
    ...apiKeyRoutes(deps),
    ...domainRoutes(deps),
    ...suppressionBatchRoutes(deps),
    ...suppressionRoutes(deps),
    ...eventLogRoutes(deps),
  ];
  // About what all tenants share.
  const forOperator = [...forTenants, ...streamRoutes(deps), ...tenantRoutes(deps)];

  return async ({ method, path, ...rest }: ControlRequest): Promise<ContractResponse> => {
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

function methodNotAllowed(method: string, allowed: readonly string[]): ContractError {
  const methods = allowed.join(', ');
  const message = `${method} is not allowed here; this endpoint takes ${methods}.`;
  return new ContractError(405, 'method_not_allowed', message, { headers: { allow: methods } });
}
