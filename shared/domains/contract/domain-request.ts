import { ContractError, invalidField, missingField } from '../../base/contract/errors.ts';
import { defined } from '../../base/defined.ts';
import { parseAddress } from '../../mail/address.ts';
import { DEFAULT_SETTINGS, type DomainSettings } from '../sending-domain.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A domain as `POST /domains` asks for it. */
export interface NewDomain {
  /** Name in lower case, in punycode. */
  readonly name: string;
  /** A label below the domain; absent where the caller leaves it to us. */
  readonly returnPath?: string;
  readonly settings: DomainSettings;
}

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const MAX_NAME_LENGTH = 253;

/** @throws ContractError 422 for the first field that is wrong */
export function readNewDomain(fields: Fields, region: string): NewDomain {
  const name = readName(fields.name);
  requireRegion(fields.region, region);
  const returnPath = readLabel(fields, 'custom_return_path', name);
  const settings = readDomainSettings(fields, DEFAULT_SETTINGS, name);
  requireOwnLabel(settings, `${returnPath ?? 'send'}.${name}`, name);
  return { name, settings, ...defined({ returnPath }) };
}

/** The settings with what the caller wants changed; the rest as it was. @throws ContractError 422 */
export function readDomainSettings(fields: Fields, current: DomainSettings, name: string): DomainSettings {
  const { trackingSubdomain: currentSubdomain, ...others } = current;
  const isCleared = fields.tracking_subdomain === null;
  const subdomain = isCleared
    ? undefined
    : (readLabel(fields, 'tracking_subdomain', name) ?? currentSubdomain);
  return {
    ...others,
    openTracking: readFlag(fields, 'open_tracking') ?? others.openTracking,
    clickTracking: readFlag(fields, 'click_tracking') ?? others.clickTracking,
    tls: readTls(fields.tls) ?? others.tls,
    isSendingEnabled: readSending(fields.capabilities) ?? others.isSendingEnabled,
    ...defined({ trackingSubdomain: subdomain }),
  };
}

/**
 * Requires a label of its own. A CNAME stands alone under its name (RFC 1034 section 3.6.2), and the MAIL
 * FROM has an MX. @throws ContractError 422
 */
export function requireOwnLabel(
  { trackingSubdomain }: DomainSettings,
  mailFromDomain: string,
  name: string,
): void {
  if (trackingSubdomain === undefined || `${trackingSubdomain}.${name}` !== mailFromDomain) return;
  throw invalidField(`The \`tracking_subdomain\` must not be the return path, ${mailFromDomain}.`);
}

function readName(value: unknown): string {
  if (value === undefined || value === null || value === '') throw missingField('name');
  const isPlain = typeof value === 'string' && /^[^@<>"\s]+$/.test(value);
  const parsed = isPlain ? parseAddress(`postmaster@${value}`) : undefined;
  if (parsed?.kind === 'address' && parsed.domain.length <= MAX_NAME_LENGTH) return parsed.domain;
  throw invalidField('The `name` field must be a domain, such as your-company.com.');
}

function requireRegion(value: unknown, region: string): void {
  if (value === undefined || value === null || value === region) return;
  const message = `The \`region\` must be ${region}: this deployment sends from there alone.`;
  throw new ContractError(422, 'invalid_region', message);
}

function readLabel(fields: Fields, field: string, name: string): string | undefined {
  const value = fields[field];
  if (value === undefined || value === null || value === '') return undefined;
  const label = typeof value === 'string' ? value.toLowerCase() : '';
  if (LABEL.test(label) && label.length + 1 + name.length <= MAX_NAME_LENGTH) return label;
  throw invalidField(
    `The \`${field}\` field must be one label of a domain: letters, digits and inner dashes, such as \`mail\`.`,
  );
}

function readFlag(fields: Fields, field: string): boolean | undefined {
  const value = fields[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  throw invalidField(`The \`${field}\` field must be true or false.`);
}

function readTls(value: unknown): DomainSettings['tls'] | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === 'opportunistic' || value === 'enforced') return value;
  throw invalidField('The `tls` field must be `opportunistic` or `enforced`.');
}

function readSending(value: unknown): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value))
    throw invalidField('The `capabilities` field must be an object.');
  const { sending, receiving } = value as Fields;
  for (const capability of [sending, receiving]) {
    if (capability !== undefined && capability !== 'enabled' && capability !== 'disabled')
      throw invalidField('`sending` and `receiving` in `capabilities` must be `enabled` or `disabled`.');
  }
  if (receiving === 'enabled') throw invalidField('Receiving mail is not supported yet.');
  return sending === undefined ? undefined : sending === 'enabled';
}
