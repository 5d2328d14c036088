/** Statuses of a domain. The list is closed: SDKs of the contract refuse any other word. */
export const DOMAIN_STATUSES = [
  'not_started',
  'pending',
  'verified',
  'failed',
  'partially_verified',
  'partially_failed',
] as const;
type DomainStatus = (typeof DOMAIN_STATUSES)[number];

/** Progress of SES with one of its own checks. */
export const IDENTITY_CHECKS = ['not-started', 'pending', 'success', 'failed', 'temporary-failure'] as const;
export type IdentityCheck = (typeof IDENTITY_CHECKS)[number];

/** State of an identity, as SES says. */
export interface IdentityState {
  /** True if SES takes mail from it. */
  readonly isVerifiedForSending: boolean;
  readonly verification: IdentityCheck;
  readonly dkim: IdentityCheck;
  /** Easy DKIM's selectors; none where the owner brought a key of their own. */
  readonly dkimTokens: readonly string[];
  /** Zone in which SES publishes the keys: `dkim.amazonses.com` in most regions. */
  readonly dkimZone: string;
  readonly mailFrom?: { readonly domain: string; readonly check: IdentityCheck };
}

/** Finding about one DNS record, at the last look. */
export interface DnsFinding {
  /** Result of the look. `unknown`: no server gave an answer. That says nothing about the record. */
  readonly result: DnsResult | 'unknown';
  /** Values that stood there instead, or beside it. */
  readonly found: readonly string[];
  /** The last result that was an answer. */
  readonly known?: DnsResult;
}
export type DnsResult = 'right' | 'wrong' | 'missing';

export interface DomainSettings {
  readonly openTracking: boolean;
  readonly clickTracking: boolean;
  readonly tls: 'opportunistic' | 'enforced';
  readonly isSendingEnabled: boolean;
  /** A label below the domain. */
  readonly trackingSubdomain?: string;
}

/** A domain that mail is sent from, or will be once it is verified. */
export interface SendingDomain {
  readonly domainId: string;
  /** Owner, who may see it; `CONFIG_OWNER` for those of postlane.config.ts, which are all tenants'. */
  readonly owner: string;
  /** Name in lower case, in punycode. */
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** True if its identity was in the account before, and stays when the domain goes. */
  readonly isAdopted: boolean;
  /** Domain that its MAIL FROM is to be. */
  readonly mailFromDomain: string;
  readonly settings: DomainSettings;
  /** True if a caller has said that the records are set. */
  readonly isVerifyAsked: boolean;
  /** Identity in SES; absent where it has none any more. */
  readonly identity?: IdentityState;
  readonly identityReadAtEpochMs: number;
  /** Findings by `<type> <full name>`; empty before the first look. */
  readonly dns: Readonly<Record<string, DnsFinding>>;
}

/** Owner of the config's domains; no tenant can have this name. */
export const CONFIG_OWNER = '*';

export const DEFAULT_RETURN_PATH = 'send';

export const DEFAULT_SETTINGS: DomainSettings = {
  openTracking: false,
  clickTracking: false,
  tls: 'opportunistic',
  isSendingEnabled: true,
};

/** Age of what is shown of a domain, at most, while SES answers. */
const FRESH_FOR_MS = 5 * 60_000;

export const isStale = (
  { identityReadAtEpochMs }: SendingDomain,
  nowEpochMs: number,
  maxAgeMs = FRESH_FOR_MS,
): boolean => nowEpochMs - identityReadAtEpochMs > maxAgeMs;

/**
 * Tells whether a domain may send. Mail leaves under amazonses.com while the MAIL FROM is not right, and is
 * signed with DKIM: it may leave.
 */
export const maySend = ({ identity, settings }: SendingDomain): boolean =>
  identity?.isVerifiedForSending === true && settings.isSendingEnabled;

/**
 * Status of a domain. `partially_…`: SES takes its mail, and its MAIL FROM is not there yet, or not any more.
 */
export function domainStatus({
  identity,
  isVerifyAsked,
}: Pick<SendingDomain, 'identity' | 'isVerifyAsked'>): DomainStatus {
  if (identity === undefined) return 'failed';
  if (identity.isVerifiedForSending) return VERIFIED_BY_MAIL_FROM[identity.mailFrom?.check ?? 'success'];
  if (identity.verification === 'failed' || identity.dkim === 'failed') return 'failed';
  return isVerifyAsked || identity.verification === 'temporary-failure' ? 'pending' : 'not_started';
}

/**
 * Statuses by the check of the MAIL FROM. A temporary failure is SES's own trouble with asking; what it knew
 * before still holds.
 */
const VERIFIED_BY_MAIL_FROM: Readonly<Record<IdentityCheck, DomainStatus>> = {
  success: 'verified',
  'temporary-failure': 'verified',
  'not-started': 'partially_verified',
  pending: 'partially_verified',
  failed: 'partially_failed',
};
