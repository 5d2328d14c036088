import { randomBytes } from 'node:crypto';
import type { Clock } from '../../host/clock.ts';
import { keep, readKept } from '../../host/kept-file.ts';
import { SesError } from '../error.ts';
import type { Identities } from '../identities/identities.ts';
import type { SesResources } from '../resources.ts';
import { type SendingStatus, type SesTenant, statusOf, type TenantSuppression, tenantArn } from './tenant.ts';

export interface Tenants {
  list(): readonly SesTenant[];
  find(name: string): SesTenant | undefined;
  /** @throws SesError NotFoundException */
  require(name: string): SesTenant;
  requireByArn(arn: string): SesTenant;
  /** @throws SesError AlreadyExistsException, BadRequestException for a name outside the alphabet */
  create(name: string, suppression: TenantSuppression | undefined): SesTenant;
  /** Deletes a tenant; its associations go with it. */
  delete(name: string): void;
  /**
   * Associates a resource. Once is enough, and again is no error. @throws SesError NotFoundException for a
   * resource that is not there
   */
  associate(name: string, resourceArn: string): void;
  dissociate(name: string, resourceArn: string): void;
  setSuppression(name: string, suppression: TenantSuppression): void;
  setStatus(name: string, who: 'customer' | 'ses', status: SendingStatus): SesTenant;
}

interface TenantsOptions {
  readonly resources: SesResources;
  readonly identities: Pick<Identities, 'require'>;
  readonly clock: Clock;
  /** File in which tenants outlive a run. */
  readonly file: string | undefined;
  /** Listener for each change of whether a tenant may send, and by whom. */
  readonly onStatus: (tenant: SesTenant, who: 'customer' | 'ses') => void;
}

const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** Creates the tenants. Those of the template are there from the start, with their associations. */
export function createTenants({ resources, identities, clock, file, onStatus }: TenantsOptions): Tenants {
  const base = `arn:aws:ses:${resources.region}:${resources.accountId}`;
  const byName = tenantsAtStart(file, resources.tenants);
  const save = () => keep(file, [...byName.values()]);
  const put = (tenant: SesTenant): SesTenant => {
    byName.set(tenant.name, tenant);
    save();
    return tenant;
  };
  const require = (name: string): SesTenant =>
    byName.get(name) ?? refuse('NotFoundException', `Tenant <${name}> does not exist.`);

  return {
    require,
    list: () => [...byName.values()],
    find: (name) => byName.get(name),
    requireByArn: (arn) =>
      [...byName.values()].find((tenant) => tenant.arn === arn) ??
      refuse('NotFoundException', `Reputation entity <${arn}> does not exist.`),
    create: (name, suppression) => {
      assertNewName(name, byName, resources.accountId);
      return put({ ...newTenant(name, base, clock.now()), ...(suppression && { suppression }) });
    },
    delete: (name) => {
      byName.delete(require(name).name);
      save();
    },
    associate: (name, resourceArn) => {
      const tenant = require(name);
      requireResource(resourceArn, base, resources, identities);
      put({ ...tenant, resources: [...new Set([...tenant.resources, resourceArn])] });
    },
    dissociate: (name, resourceArn) => {
      const tenant = require(name);
      put({ ...tenant, resources: tenant.resources.filter((each) => each !== resourceArn) });
    },
    setSuppression: (name, suppression) => void put({ ...require(name), suppression }),
    setStatus: (name, who, status) => {
      const before = require(name);
      const after = put({ ...before, [who === 'ses' ? 'sesStatus' : 'customerStatus']: status });
      if (statusOf(after) !== statusOf(before)) onStatus(after, who);
      return after;
    },
  };
}

function refuse(...refusal: ConstructorParameters<typeof SesError>): never {
  throw new SesError(...refusal);
}

function tenantsAtStart(file: string | undefined, template: readonly SesTenant[]): Map<string, SesTenant> {
  const byName = new Map(readKept<readonly SesTenant[]>(file, []).map((tenant) => [tenant.name, tenant]));
  for (const tenant of template) byName.set(tenant.name, deployed(tenant, byName.get(tenant.name)));
  return byName;
}

/** A deployment brings its associations, and leaves every status and every association made by other callers. */
const deployed = (tenant: SesTenant, kept: SesTenant | undefined): SesTenant => ({
  ...tenant,
  ...(kept && { customerStatus: kept.customerStatus, sesStatus: kept.sesStatus }),
  resources: [...new Set([...(kept?.resources ?? []), ...tenant.resources])],
});

function assertNewName(name: string, taken: ReadonlyMap<string, unknown>, accountId: string): void {
  if (!NAME.test(name)) refuse('BadRequestException', `Invalid tenant name <${name}>.`);
  if (taken.has(name))
    refuse('AlreadyExistsException', `Tenant with name ${name} already exists in account ${accountId}`);
}

function newTenant(name: string, base: string, createdAtEpochMs: number): SesTenant {
  const id = `tn-${randomBytes(15).toString('hex')}`;
  return {
    name,
    id,
    arn: tenantArn(base, name, id),
    createdAtEpochMs,
    customerStatus: 'ENABLED',
    sesStatus: 'ENABLED',
    resources: [],
  };
}

/** Templates are resources of SES too, and there are none here. */
function requireResource(
  arn: string,
  base: string,
  { findConfigurationSet }: SesResources,
  identities: Pick<Identities, 'require'>,
): void {
  const [, kind = '', name = ''] =
    /^:([^/]+)\/(.+)$/.exec(arn.startsWith(base) ? arn.slice(base.length) : '') ?? [];
  if (kind === 'identity') return void identities.require(name);
  if (kind === 'configuration-set') {
    if (findConfigurationSet(name)) return;
    refuse('NotFoundException', `Configuration set <${name}> does not exist.`);
  }
  refuse('BadRequestException', `Invalid resource ARN <${arn}>.`);
}

/** Throws as SES does for a mail of a tenant that may not send, or not with these resources. */
export function assertTenantMaySend(
  tenants: Pick<Tenants, 'find'>,
  accountId: string,
  name: string,
  resourceArns: readonly string[],
): void {
  const tenant = tenants.find(name);
  if (!tenant) refuse('NotFoundException', `Tenant ${name} for AwsAccountId ${accountId} not found.`);
  const strange = resourceArns.filter((arn) => !tenant.resources.includes(arn));
  if (strange.length > 0)
    refuse('AccessDeniedException', `Tenant not associated with resources [${strange.join(', ')}].`);
  // What SES answers for a disabled tenant is not documented; a configuration set's pause is.
  if (statusOf(tenant) === 'DISABLED')
    refuse('SendingPausedException', `Sending is disabled for tenant <${name}>.`);
}
