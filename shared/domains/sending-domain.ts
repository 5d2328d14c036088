/** Closed: SDKs of the contract refuse any other word. */
export const DOMAIN_STATUSES = [
  'not_started',
  'pending',
  'verified',
  'failed',
  'partially_verified',
  'partially_failed',
] as const;
type DomainStatus = (typeof DOMAIN_STATUSES)[number];

/** How far SES is with one of its own checks. */
export const IDENTITY_CHECKS = ['not-started', 'pending', 'success', 'failed', 'temporary-failure'] as const;
export type IdentityCheck = (typeof IDENTITY_CHECKS)[number];

/** What SES says of an identity. */
export interface IdentityState {
  /** SES takes mail from it. */
  readonly isVerifiedForSending: boolean;
  readonly verification: IdentityCheck;
  readonly dkim: IdentityCheck;
  /** Easy DKIM's selectors; none where somebody brought a key of their own. */
  readonly dkimTokens: readonly string[];
  /** Where SES publishes the keys: `dkim.amazonses.com` in most regions. */
  readonly dkimZone: string;
  readonly mailFrom?: { readonly domain: string; readonly check: IdentityCheck };
}

/** Of one DNS record, at the last look. */
export interface DnsFinding {
  /** `unknown`: no server gave an answer. That says nothing about the record. */
  readonly result: DnsResult | 'unknown';
  /** What stood there instead, or beside it. */
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
  /** Who may see it; `CONFIG_OWNER` for those of postlane.config.ts, which are everybody's. */
  readonly owner: string;
  /** Lower-cased, in punycode. */
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Its identity was in the account before, and stays when the domain goes. */
  readonly isAdopted: boolean;
  /** What its MAIL FROM is to be. */
  readonly mailFromDomain: string;
  readonly settings: DomainSettings;
  /** Somebody has said that the records are set. */
  readonly isVerifyAsked: boolean;
  /** Absent where SES has no such identity any more. */
  readonly identity?: IdentityState;
  readonly identityReadAtEpochMs: number;
  /** By `<type> <full name>`; empty before the first look. */
  readonly dns: Readonly<Record<string, DnsFinding>>;
}

/** No tenant can have this name. */
export const CONFIG_OWNER = '*';

export const DEFAULT_RETURN_PATH = 'send';

export const DEFAULT_SETTINGS: DomainSettings = {
  openTracking: false,
  clickTracking: false,
  tls: 'opportunistic',
  isSendingEnabled: true,
};

/** What is shown of it is never older than this while SES answers. */
const FRESH_FOR_MS = 5 * 60_000;

export const isStale = (
  { identityReadAtEpochMs }: SendingDomain,
  nowEpochMs: number,
  maxAgeMs = FRESH_FOR_MS,
): boolean => nowEpochMs - identityReadAtEpochMs > maxAgeMs;

/** Mail leaves under amazonses.com while the MAIL FROM is not right, and is signed with DKIM: it may leave. */
export const maySend = ({ identity, settings }: SendingDomain): boolean =>
  identity?.isVerifiedForSending === true && settings.isSendingEnabled;

/** `partially_…`: SES takes its mail, and its MAIL FROM is not there yet, or not any more. */
export function domainStatus({
  identity,
  isVerifyAsked,
}: Pick<SendingDomain, 'identity' | 'isVerifyAsked'>): DomainStatus {
  if (identity === undefined) return 'failed';
  if (identity.isVerifiedForSending) return VERIFIED_BY_MAIL_FROM[identity.mailFrom?.check ?? 'success'];
  if (identity.verification === 'failed' || identity.dkim === 'failed') return 'failed';
  return isVerifyAsked || identity.verification === 'temporary-failure' ? 'pending' : 'not_started';
}

/** A temporary failure is SES's own trouble with asking; what it knew before still holds. */
const VERIFIED_BY_MAIL_FROM: Readonly<Record<IdentityCheck, DomainStatus>> = {
  success: 'verified',
  'temporary-failure': 'verified',
  'not-started': 'partially_verified',
  pending: 'partially_verified',
  failed: 'partially_failed',
};
