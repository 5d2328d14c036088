/** Progress of a check by SES; names as SES answers them. */
type CheckStatus = 'PENDING' | 'SUCCESS' | 'FAILED' | 'TEMPORARY_FAILURE';

interface IdentityCheck {
  readonly status: CheckStatus;
  /** Epoch milliseconds since when SES looks. */
  readonly since: number;
}

/** An identity of the account, as it is at the moment. */
export interface SesIdentity {
  /** A domain or an address, lower-cased. */
  readonly name: string;
  readonly arn: string;
  readonly dkim: IdentityCheck;
  readonly dkimTokens: readonly string[];
  readonly mailFrom?: IdentityCheck & { readonly domain: string; readonly behaviorOnMxFailure: string };
  readonly configurationSet?: string;
  readonly isForwarding: boolean;
}

/** Answer of DNS about the records that a check needs. */
export type Sight = 'right' | 'wrong' | 'unknown';

/** SES guide, "Verifying a domain": it looks for 72 hours, and what is lost later must be started again. */
const PATIENCE_MS = 72 * 3_600_000;

/** Judges a check after another look. One that failed stays so until it is started again. */
export function judge({ status, since }: IdentityCheck, sight: Sight, now: number): IdentityCheck {
  if (status === 'FAILED') return { status, since };
  if (sight === 'right') return { status: 'SUCCESS', since };
  if (sight === 'unknown') return { status: status === 'PENDING' ? status : 'TEMPORARY_FAILURE', since };
  const isPatient = status === 'PENDING' && now - since < PATIENCE_MS;
  return { status: isPatient ? 'PENDING' : 'FAILED', since };
}

/** Tells whether mail is taken: it is while SES only cannot tell. */
export const isVerified = ({ dkim }: SesIdentity): boolean =>
  dkim.status === 'SUCCESS' || dkim.status === 'TEMPORARY_FAILURE';
