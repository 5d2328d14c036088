import { jsonResponse, SesError } from '../error.ts';
import { done, nameAfter, pageOf, parseBody, type SesOperations } from '../operation.ts';
import { isSendingStatus, type SesTenant, statusOf, type TenantSuppression } from './tenant.ts';
import type { Tenants } from './tenants.ts';

type Body = Readonly<Record<string, unknown>>;

const nameIn = ({ TenantName }: Body): string => String(TenantName ?? '');
const arnIn = ({ ResourceArn }: Body): string => String(ResourceArn ?? '');

/** Tenants as SESv2 answers for them. */
export const tenantOperations = (tenants: Tenants): SesOperations => ({
  CreateTenant: (request) => {
    const body = parseBody(request);
    const given = body.SuppressionAttributes as Body | undefined;
    const suppression = given ? readSuppression(given) : undefined;
    return jsonResponse(200, describe(tenants.create(nameIn(body), suppression)));
  },
  GetTenant: (request) =>
    jsonResponse(200, { Tenant: describe(tenants.require(nameIn(parseBody(request)))) }),
  DeleteTenant: (request) => {
    tenants.delete(nameIn(parseBody(request)));
    return done();
  },
  ListTenants: (request) => {
    const body = parseBody(request);
    const { items, ...token } = pageOf(tenants.list().filter(filterOf(body.Filter)), body);
    return jsonResponse(200, { Tenants: items.map(toInfo), ...token });
  },

  CreateTenantResourceAssociation: (request) => {
    const body = parseBody(request);
    tenants.associate(nameIn(body), arnIn(body));
    return done();
  },
  DeleteTenantResourceAssociation: (request) => {
    const body = parseBody(request);
    tenants.dissociate(nameIn(body), arnIn(body));
    return done();
  },
  ListTenantResources: (request) => {
    const body = parseBody(request);
    const wanted = (body.Filter as Body | undefined)?.RESOURCE_TYPE;
    const all = tenants.require(nameIn(body)).resources.map(toResource);
    const { items, ...token } = pageOf(
      all.filter(({ ResourceType }) => wanted === undefined || wanted === ResourceType),
      body,
    );
    return jsonResponse(200, { TenantResources: items, ...token });
  },

  PutTenantSuppressionAttributes: (request) => {
    const body = parseBody(request);
    tenants.setSuppression(nameIn(body), readSuppression(body));
    return done();
  },
  UpdateReputationEntityCustomerManagedStatus: (request) => {
    const { name } = tenants.requireByArn(nameAfter('RESOURCE', request.url));
    const { SendingStatus } = parseBody(request);
    if (!isSendingStatus(SendingStatus))
      throw new SesError('BadRequestException', `Invalid sending status <${String(SendingStatus)}>.`);
    tenants.setStatus(name, 'customer', SendingStatus);
    return done();
  },
});

/** SES keeps an identity that a tenant sends with. */
export function assertNotAssociated(tenants: Pick<Tenants, 'list'>, arn: string): void {
  if (tenants.list().every(({ resources }) => !resources.includes(arn))) return;
  throw new SesError(
    'BadRequestException',
    `Cannot delete <${arn}> because it has tenant associations. Remove all tenant associations and try again.`,
  );
}

function filterOf(filter: unknown): (tenant: SesTenant) => boolean {
  const { SENDING_STATUS, TENANT_NAME_CONTAINS = '' } = (filter ?? {}) as Record<string, string | undefined>;
  return (tenant) =>
    tenant.name.includes(TENANT_NAME_CONTAINS) &&
    (SENDING_STATUS === undefined || statusOf(tenant) === SENDING_STATUS);
}

function readSuppression({ SuppressedReasons, SuppressionScope }: Body): TenantSuppression {
  const reasons = (Array.isArray(SuppressedReasons) ? SuppressedReasons : []).map(String);
  const isKnown = reasons.every((reason) => reason === 'BOUNCE' || reason === 'COMPLAINT');
  if (isKnown && (SuppressionScope === 'TENANT' || SuppressionScope === 'ACCOUNT'))
    return { SuppressedReasons: reasons, SuppressionScope };
  throw new SesError('BadRequestException', 'Invalid suppression attributes.');
}

const toInfo = (tenant: SesTenant) => ({
  TenantName: tenant.name,
  TenantId: tenant.id,
  TenantArn: tenant.arn,
  CreatedTimestamp: tenant.createdAtEpochMs / 1000,
  SendingStatus: statusOf(tenant),
});

const describe = (tenant: SesTenant) => ({
  ...toInfo(tenant),
  Tags: [],
  ...(tenant.suppression && { SuppressionAttributes: tenant.suppression }),
});

/** The type is the ARN's own word; the SDK's `EMAIL_IDENTITY` is not what SES answers with. */
const toResource = (arn: string) => ({
  ResourceType: arn.split(':').at(-1)?.split('/')[0] ?? '',
  ResourceArn: arn,
});
