import type { Assembly } from '../assembly/assembly.ts';
import type { NeededPermission } from '../gateway/iam/needed-permission.ts';
import type { ServiceCall } from '../gateway/wire-call.ts';

type Input = ServiceCall['input'];
type NameResource = (value: string) => string;

/** Members of a request that name the resource of a permission; a tenant's ARN ends with an id of SES. */
const RESOURCES: Readonly<Record<string, NameResource>> = {
  EmailIdentity: (name) => `identity/${name.toLowerCase()}`,
  PoolName: (name) => `dedicated-ip-pool/${name}`,
  DestinationPoolName: (name) => `dedicated-ip-pool/${name}`,
  TenantName: (name) => `tenant/${name}/*`,
};
/** Members whose value is the resource's ARN. */
const ARNS = ['ResourceArn', 'ReputationEntityReference'];

/** Permissions that IAM asks for a call of SESv2 (Service Authorization Reference). */
export function sesPermissions(
  { operation, input }: ServiceCall,
  { region, accountId }: Assembly,
): readonly NeededPermission[] {
  const base = `arn:aws:ses:${region}:${accountId}`;
  if (operation === 'SendEmail') return sendNeeds(base, input);
  const named = Object.entries(RESOURCES).filter(([member]) => input[member] !== undefined);
  const resources = [
    ...named.map(([member, nameOf]) => `${base}:${nameOf(String(input[member]))}`),
    ...ARNS.filter((member) => input[member] !== undefined).map((member) => String(input[member])),
  ];
  return (resources.length === 0 ? ['*'] : resources).map((resource) => ({
    ...{ action: `ses:${operation}`, resource },
    context: {},
  }));
}

function sendNeeds(base: string, input: Input): readonly NeededPermission[] {
  const from = String(input.FromEmailAddress ?? '');
  const address = /<([^<>]*)>\s*$/.exec(from)?.[1] ?? from;
  const domain = address.split('@').at(-1)?.toLowerCase() ?? '';
  const tenant = input.TenantName;
  const context = {
    'ses:fromaddress': address,
    ...(tenant !== undefined && { 'ses:tenantname': String(tenant) }),
  };
  const need = (resource: string) => ({ action: 'ses:SendEmail', resource: `${base}:${resource}`, context });
  const set = input.ConfigurationSetName;
  const identity = need(`identity/${domain}`);
  return set === undefined ? [identity] : [identity, need(`configuration-set/${String(set)}`)];
}
