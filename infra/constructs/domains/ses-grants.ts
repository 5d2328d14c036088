import type { Stack } from 'aws-cdk-lib';
import type { Grant } from '../base/grant.ts';

const OF_THE_ACCOUNT =
  'SES knows no resource for its account: its rate and quota are read, and nothing else.';
const ADDED_LATER =
  'Domains are added while the stack runs; the grant ends at the sending identities of the account.';
const TENANTS_ADDED_LATER =
  "Tenants and domains are added while the stack runs; the grant ends at the account's own.";

/** Rate and quota are of the account; IAM knows no smaller resource for them. */
export const READ_ACCOUNT: Grant = {
  actions: ['ses:GetAccount'],
  resources: ['*'],
  wildcardReason: OF_THE_ACCOUNT,
};

/** Permission on the account and on any address: IAM knows no smaller resource for them either. */
export const SET_AUTO_WARM_UP: Grant = {
  actions: ['ses:PutAccountDedicatedIpWarmupAttributes', 'ses:PutDedicatedIpWarmupAttributes'],
  resources: ['*'],
  wildcardReason: OF_THE_ACCOUNT,
};

/** Actions by which a tenant of SES is looked at and completed. */
export const COMPLETE_TENANT = ['GetTenant', 'ListTenantResources', 'CreateTenantResourceAssociation'];

/**
 * Permission on all identities: the functions decide which of them may send. Actions come without their
 * `ses:`.
 */
export const onIdentities = (stack: Stack, ...actions: readonly string[]): Grant => ({
  actions: actions.map(inSes),
  resources: [arnsOf(stack, 'identity')],
  wildcardReason: ADDED_LATER,
});

/** Mail leaves through these sets and from any identity. */
export const sendThrough = (stack: Stack, configurationSetArns: readonly string[]): Grant => ({
  actions: ['ses:SendEmail'],
  resources: [...configurationSetArns, arnsOf(stack, 'identity')],
  wildcardReason: ADDED_LATER,
});

/** A tenant is associated with the sets and identities that it sends by. Actions come without their `ses:`. */
export const onTenants = (
  stack: Stack,
  configurationSetArns: readonly string[],
  ...actions: readonly string[]
): Grant => ({
  actions: actions.map(inSes),
  resources: [arnsOf(stack, 'tenant'), ...configurationSetArns, arnsOf(stack, 'identity')],
  wildcardReason: TENANTS_ADDED_LATER,
});

const inSes = (action: string): string => `ses:${action}`;

const arnsOf = (stack: Stack, resource: 'identity' | 'tenant'): string =>
  stack.formatArn({ service: 'ses', resource, resourceName: '*' });
