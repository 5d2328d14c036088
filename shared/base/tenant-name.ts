/** Name of a tenant as SES takes it, without capitals: two tenants must not look the same. */
const NAME = /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/;

/** The tenant of the AWS account's owner: its first API key is made for it. SES knows nothing of it. */
export const OPERATOR_TENANT = 'default';

export const isTenantName = (text: string): boolean => NAME.test(text) && text !== OPERATOR_TENANT;
