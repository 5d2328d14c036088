import { decode } from '../host/json.ts';

/** The operations of SESv2 that are known here, by their requests (API reference, "Request Syntax"). */
const ROUTES: readonly (readonly [method: string, path: string, operation: string])[] = [
  ['POST', '/v2/email/outbound-emails', 'SendEmail'],
  ['GET', '/v2/email/account', 'GetAccount'],
  ['POST', '/v2/email/identities', 'CreateEmailIdentity'],
  ['GET', '/v2/email/identities/{EmailIdentity}', 'GetEmailIdentity'],
  ['DELETE', '/v2/email/identities/{EmailIdentity}', 'DeleteEmailIdentity'],
  ['PUT', '/v2/email/identities/{EmailIdentity}/mail-from', 'PutEmailIdentityMailFromAttributes'],
  ['PUT', '/v2/email/identities/{EmailIdentity}/dkim/signing', 'PutEmailIdentityDkimSigningAttributes'],
  ['PUT', '/v2/email/identities/{EmailIdentity}/feedback', 'PutEmailIdentityFeedbackAttributes'],
  [
    'PUT',
    '/v2/email/identities/{EmailIdentity}/configuration-set',
    'PutEmailIdentityConfigurationSetAttributes',
  ],
  ['GET', '/v2/email/dedicated-ip-pools', 'ListDedicatedIpPools'],
  ['GET', '/v2/email/dedicated-ip-pools/{PoolName}', 'GetDedicatedIpPool'],
  ['GET', '/v2/email/dedicated-ips', 'GetDedicatedIps'],
  ['PUT', '/v2/email/dedicated-ips/{Ip}/pool', 'PutDedicatedIpInPool'],
  ['PUT', '/v2/email/dedicated-ips/{Ip}/warmup', 'PutDedicatedIpWarmupAttributes'],
  ['PUT', '/v2/email/account/dedicated-ips/warmup', 'PutAccountDedicatedIpWarmupAttributes'],
  ['POST', '/v2/email/tenants', 'CreateTenant'],
  ['POST', '/v2/email/tenants/get', 'GetTenant'],
  ['POST', '/v2/email/tenants/delete', 'DeleteTenant'],
  ['POST', '/v2/email/tenants/list', 'ListTenants'],
  ['POST', '/v2/email/tenants/resources', 'CreateTenantResourceAssociation'],
  ['POST', '/v2/email/tenants/resources/delete', 'DeleteTenantResourceAssociation'],
  ['POST', '/v2/email/tenants/resources/list', 'ListTenantResources'],
  ['POST', '/v2/email/tenant/suppression', 'PutTenantSuppressionAttributes'],
  [
    'PUT',
    '/v2/email/reputation/entities/{ReputationEntityType}/{ReputationEntityReference}/customer-managed-status',
    'UpdateReputationEntityCustomerManagedStatus',
  ],
];

interface SesCall {
  readonly operation: string;
  /** Values of the path's parts in braces. */
  readonly parameters: Readonly<Record<string, string>>;
}

const PATTERNS = ROUTES.map(([method, path, operation]) => ({
  method,
  operation,
  pattern: new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}));

/**
 * Reads the operation that a request to SESv2 asks for; undefined for one that is not known here. `path` is
 * without its query.
 */
export function readSesCall(method: string, path: string): SesCall | undefined {
  for (const route of PATTERNS) {
    const match = route.method === method ? route.pattern.exec(path) : null;
    if (match) return { operation: route.operation, parameters: decodeAll(match.groups ?? {}) };
  }
  return undefined;
}

const decodeAll = (values: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, decode(value)]));
