import { ContractError, invalidField, notFound, unavailable } from '../../../shared/base/contract/errors.ts';
import { listObject, pageOf, readPage } from '../../../shared/base/contract/page.ts';
import { dayOf } from '../../../shared/base/days.ts';
import type { Clock } from '../../../shared/base/ports.ts';
import { isTenantName } from '../../../shared/base/tenant-name.ts';
import { totalOf } from '../../../shared/reputation/guard.ts';
import type { Reputations } from '../../../shared/reputation/ports.ts';
import { tenantSubject } from '../../../shared/reputation/services/sending-guard.ts';
import type { TenantSettings } from '../../../shared/streams/tenant-settings.ts';
import type { Tenants, TenantUsage } from '../../../shared/tenants/ports.ts';
import { type CompleteTenantDeps, completeTenant } from '../../../shared/tenants/services/complete-tenant.ts';
import { followTenantStatus } from '../../../shared/tenants/services/follow-tenant-status.ts';
import { newTenant, type Tenant } from '../../../shared/tenants/tenant.ts';
import { type Answer, type ApiRoute, created, ok, param, readFields, requireText } from '../call.ts';
import { type PauseStatus, readPauseStatus, setPauseStatus } from '../streams/pause.ts';
import { tenantItem, tenantObject } from './tenant-object.ts';

interface TenantDeps extends CompleteTenantDeps {
  readonly tenants: Pick<
    Tenants,
    'read' | 'list' | 'putIfAbsent' | 'setDailyRecipients' | 'pause' | 'resume'
  >;
  readonly tenantUsage: Pick<TenantUsage, 'read'>;
  readonly reputations: Pick<Reputations, 'get' | 'restart'>;
  readonly clock: Clock;
}

const MOST_RECIPIENTS = 1_000_000_000;

/** For the operator, and only where the config lets tenants be. */
export function tenantRoutes(deps: TenantDeps): readonly ApiRoute[] {
  const { tenants: settings } = deps.streams;
  if (settings === undefined) return [];
  return [
    { method: 'POST', pattern: '/tenants', handler: createTenant(settings, deps) },
    { method: 'GET', pattern: '/tenants', handler: listTenants(settings, deps) },
    { method: 'GET', pattern: '/tenants/{name}', handler: showTenant(settings, deps) },
    { method: 'PATCH', pattern: '/tenants/{name}', handler: changeTenant(settings, deps) },
  ];
}

/** The entry first: what SES has not been told by then is told by the sweep. */
function createTenant(settings: TenantSettings, deps: TenantDeps): Answer {
  return async ({ body }) => {
    const fields = readFields(body);
    const name = readName(fields);
    const dailyRecipients = readDailyRecipients(fields.daily_recipients);
    const tenant: Tenant = {
      ...newTenant(name, new Date(deps.clock.nowEpochMs()).toISOString()),
      ...(typeof dailyRecipients === 'number' ? { dailyRecipients } : {}),
    };
    if (!(await deps.tenants.putIfAbsent(tenant))) {
      throw new ContractError(403, 'validation_error', `The tenant ${name} exists already.`);
    }
    await completeTenant(name, deps).catch((cause: unknown) => {
      throw unavailable(`The tenant ${name} exists; SES will be told of it within some minutes.`, cause);
    });
    return created(await describe(tenant, settings, deps));
  };
}

function listTenants(settings: TenantSettings, { tenants }: TenantDeps): Answer {
  return async ({ query }) => {
    const { items, hasMore } = pageOf(await tenants.list(), ({ name }) => name, readPage(query, byName));
    const shown = items.map((tenant) => tenantItem(tenant, settings));
    return ok(listObject(shown, hasMore));
  };
}

/** Any text: one that is no tenant's is not in the list. */
const byName = (cursor: string): string => cursor;

function showTenant(settings: TenantSettings, deps: TenantDeps): Answer {
  return async (call) => ok(await describe(await requireTenant(param(call, 'name'), deps), settings, deps));
}

function changeTenant(settings: TenantSettings, deps: TenantDeps): Answer {
  return async (call) => {
    const { name } = await requireTenant(param(call, 'name'), deps);
    const fields = readFields(call.body);
    const status = readPauseStatus(fields.status);
    const dailyRecipients = readDailyRecipients(fields.daily_recipients);
    if (status === undefined && dailyRecipients === undefined) {
      throw invalidField('Nothing to change: give `status`, `daily_recipients` or both.');
    }
    if (dailyRecipients !== undefined) await deps.tenants.setDailyRecipients(name, dailyRecipients);
    if (status !== undefined) await setStatus(name, status, call.claims.apiKeyId, deps);
    return ok(await describe(await requireTenant(name, deps), settings, deps));
  };
}

async function describe(tenant: Tenant, settings: TenantSettings, deps: TenantDeps) {
  const [usedToday, window] = await Promise.all([
    deps.tenantUsage.read(tenant.name, dayOf(deps.clock.nowEpochMs())),
    deps.reputations.get(tenantSubject(tenant.name)),
  ]);
  return tenantObject(tenant, settings, { usedToday, counts: totalOf(window) });
}

/** @throws ContractError 404 */
async function requireTenant(
  name: string,
  { tenants }: { readonly tenants: Pick<Tenants, 'read'> },
): Promise<Tenant> {
  const tenant = await tenants.read(name);
  if (tenant === undefined) throw notFound('Tenant not found');
  return tenant;
}

function readName(fields: Readonly<Record<string, unknown>>): string {
  const name = requireText(fields, 'name');
  if (isTenantName(name)) return name;
  throw invalidField(
    'The `name` field must be 1 to 64 lower-case letters, digits, dashes and underscores, with a letter or digit at both ends, and not `default`.',
  );
}

/** Null stands for what the config says. */
function readDailyRecipients(value: unknown): number | null | undefined {
  if (value === undefined || value === null) return value;
  const isCount =
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_RECIPIENTS;
  if (isCount) return value;
  throw invalidField(
    `The \`daily_recipients\` field must be a whole number from 0 to ${MOST_RECIPIENTS}, or null.`,
  );
}

/** Not even the operator's word makes SES take a tenant's mail. */
async function setStatus(
  name: string,
  status: PauseStatus,
  apiKeyId: string,
  deps: TenantDeps,
): Promise<void> {
  const ses = status === 'active' ? await deps.sesTenants.get(name).catch(() => undefined) : undefined;
  const paused = { name, subject: tenantSubject(name), pauses: deps.tenants };
  await setPauseStatus(paused, status, apiKeyId, deps);
  if (ses?.isDisabled) await followTenantStatus(name, false, deps);
}
