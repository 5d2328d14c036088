import { defined } from '../base/defined.ts';
import type { DnsFinding, DnsResult, IdentityCheck, SendingDomain } from './sending-domain.ts';

/** Statuses of a record. The list is closed: SDKs of the contract refuse any other word. */
export const RECORD_STATUSES = ['not_started', 'pending', 'verified', 'failed', 'temporary_failure'] as const;
type RecordStatus = (typeof RECORD_STATUSES)[number];

/** A record that is to stand in the domain's DNS. */
export interface DnsRecord {
  readonly purpose: 'DKIM' | 'MAIL FROM' | 'SPF' | 'DMARC' | 'tracking';
  readonly type: 'CNAME' | 'MX' | 'TXT';
  /** Name of the record, whole: `send.acme.io`. */
  readonly fullName: string;
  /** Value without the priority of an MX and without the quotes of a TXT. */
  readonly value: string;
  readonly priority?: number;
}

/** Priority of the one MX record (SES guide, "Using a custom MAIL FROM domain"). */
const MX_PRIORITY = 10;
const SPF = 'v=spf1 include:amazonses.com ~all';

/** Records that have to be set for a domain, in the order in which they matter. */
export function dnsRecordsOf(domain: SendingDomain, region: string): readonly DnsRecord[] {
  const { name, identity, settings } = domain;
  const mailFrom = identity?.mailFrom?.domain ?? domain.mailFromDomain;
  return [
    ...(identity?.dkimTokens ?? []).map((token) => dkimRecord(token, name, identity?.dkimZone ?? '')),
    {
      ...({ purpose: 'MAIL FROM', type: 'MX', fullName: mailFrom } as const),
      value: `feedback-smtp.${region}.amazonses.com`,
      priority: MX_PRIORITY,
    },
    { purpose: 'SPF', type: 'TXT', fullName: mailFrom, value: SPF },
    {
      ...({ purpose: 'DMARC', type: 'TXT', fullName: `_dmarc.${name}` } as const),
      value: `v=DMARC1; p=none; rua=mailto:dmarc@${name}`,
    },
    ...trackingRecords(name, settings.trackingSubdomain, region),
  ];
}

const dkimRecord = (token: string, name: string, zone: string): DnsRecord => ({
  purpose: 'DKIM',
  type: 'CNAME',
  fullName: `${token}._domainkey.${name}`,
  value: `${token}.${zone}`,
});

/**
 * Records of a tracking domain (SES guide, "Configuring custom domains to handle open and click tracking").
 */
function trackingRecords(name: string, subdomain: string | undefined, region: string): readonly DnsRecord[] {
  if (subdomain === undefined) return [];
  const fullName = `${subdomain}.${name}`;
  return [{ purpose: 'tracking', type: 'CNAME', fullName, value: `r.${region}.awstrack.me` }];
}

/** Key of a record's finding. */
export const recordKey = ({ type, fullName }: Pick<DnsRecord, 'type' | 'fullName'>): string =>
  `${type} ${fullName}`;

/**
 * Name that the form of a DNS provider asks for as name or host: the part in front of the zone, `@` for the
 * zone itself.
 */
export function nameInZone(fullName: string, zone: string): string {
  if (fullName === zone) return '@';
  return fullName.endsWith(`.${zone}`) ? fullName.slice(0, -zone.length - 1) : fullName;
}

/**
 * Status of a record. SES has the last word on what it checks itself (DKIM, and the MX of the MAIL FROM); an
 * answer of DNS decides while SES has not, and for the rest. Where neither knows, the record waits.
 */
export function recordStatus(record: DnsRecord, domain: SendingDomain): RecordStatus {
  const finding = domain.dns[recordKey(record)];
  const byDns = finding?.known && STATUS_BY_DNS[finding.known];
  const bySes = STATUS_BY_SES[checkOf(record, domain) ?? 'not-started'];
  const waiting = domain.isVerifyAsked ? 'pending' : 'not_started';
  const decided = isCheckedBySes(record) ? (bySes ?? failureOnly(byDns)) : (byDns ?? successOnly(bySes));
  return decided ?? waiting;
}

const isCheckedBySes = ({ purpose }: DnsRecord): boolean => purpose === 'DKIM' || purpose === 'MAIL FROM';

/**
 * Failure that DNS shows. Where DNS is right and SES has not looked yet, it is not verified before SES says
 * so.
 */
const failureOnly = (byDns: RecordStatus | undefined) => (byDns === 'failed' ? byDns : undefined);

/**
 * Success that SES shows. It does not say which of the two records of a MAIL FROM it misses; where it misses
 * none, both are there.
 */
const successOnly = (bySes: RecordStatus | undefined) => (bySes === 'verified' ? bySes : undefined);

function checkOf({ purpose }: DnsRecord, { identity }: SendingDomain): IdentityCheck | undefined {
  if (purpose === 'DKIM') return identity?.dkim;
  return purpose === 'MAIL FROM' || purpose === 'SPF' ? identity?.mailFrom?.check : undefined;
}

const STATUS_BY_DNS: Readonly<Record<DnsResult, RecordStatus>> = {
  right: 'verified',
  wrong: 'failed',
  missing: 'failed',
};

const STATUS_BY_SES: Readonly<Record<IdentityCheck, RecordStatus | undefined>> = {
  success: 'verified',
  failed: 'failed',
  'temporary-failure': 'temporary_failure',
  pending: undefined,
  'not-started': undefined,
};

/** Answer of the servers about one name and type. */
export type DnsAnswer =
  /**
   * Targets of CNAME and MX (`10 target`), lower-cased, without a dot at the end; texts of TXT joined. Empty:
   * no such record.
   */
  | { readonly kind: 'answered'; readonly values: readonly string[] }
  /** No server answered, or none that could: a time-out, SERVFAIL. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** Compares a record with what is there. */
export function findingOf(
  record: DnsRecord,
  answer: DnsAnswer,
  previous: DnsFinding | undefined,
): DnsFinding {
  if (answer.kind === 'unknown') {
    const known = previous?.known;
    return { result: 'unknown', found: [answer.reason], ...defined({ known }) };
  }
  const result = resultOf(record, answer.values);
  return { result, found: answer.values, known: result };
}

/**
 * Result for a record. Two SPF or DMARC policies cancel each other (RFC 7208 section 4.5, RFC 7489 section
 * 6.6.3); SES wants its MX alone.
 */
function resultOf(record: DnsRecord, values: readonly string[]): DnsResult {
  const relevant = record.type === 'TXT' ? values.filter((value) => isPolicy(record, value)) : values;
  const [only] = relevant;
  if (only === undefined) return 'missing';
  return relevant.length === 1 && isRight(record, only) ? 'right' : 'wrong';
}

const isPolicy = ({ purpose }: DnsRecord, text: string): boolean =>
  purpose === 'SPF' ? /^v=spf1(\s|$)/i.test(text) : /^v=DMARC1\s*(;|$)/i.test(text);

function isRight({ purpose, priority, value }: DnsRecord, found: string): boolean {
  if (purpose === 'SPF') return /\sinclude:amazonses\.com(\s|$)/i.test(found);
  // Any policy of theirs is better than the one that we propose.
  if (purpose === 'DMARC') return /;\s*p\s*=\s*(none|quarantine|reject)\s*(;|$)/i.test(found);
  return found === (priority === undefined ? value : `${priority} ${value}`);
}
