import { defined } from '../../base/defined.ts';
import { type DnsRecord, dnsRecordsOf, nameInZone, recordKey, recordStatus } from '../dns-records.ts';
import { type DomainSettings, domainStatus, type SendingDomain } from '../sending-domain.ts';

/** Facts that a domain's objects need about the place where they are shown. */
export interface DnsContext {
  /** Region of SES. */
  readonly region: string;
  /** The zone that a name is in, as a DNS provider shows it. */
  readonly zoneOf: (name: string) => string;
}

/** An entry of `GET /domains`. */
export function domainItem(domain: SendingDomain, { region }: Pick<DnsContext, 'region'>) {
  const { domainId, name, createdAt, settings } = domain;
  return {
    id: domainId,
    name,
    status: domainStatus(domain),
    created_at: createdAt,
    region,
    ...settingsObject(settings),
  };
}

/** Body of `GET /domains/{id}`, and the answer to a new one. */
export const domainObject = (domain: SendingDomain, place: DnsContext) => ({
  object: 'domain',
  ...domainItem(domain, place),
  records: domainRecords(domain, place),
});

/** Settings of a domain. Receiving is not built yet, and says so. */
const settingsObject = (settings: DomainSettings) => ({
  capabilities: { sending: settings.isSendingEnabled ? 'enabled' : 'disabled', receiving: 'disabled' },
  open_tracking: settings.openTracking,
  click_tracking: settings.clickTracking,
  tracking_subdomain: settings.trackingSubdomain ?? null,
  tls: settings.tls,
});

/** The records to set. `purpose`, `full_name` and `dns` are ours. */
export function domainRecords(domain: SendingDomain, { region, zoneOf }: DnsContext) {
  const zone = zoneOf(domain.name);
  return dnsRecordsOf(domain, region).map((record) => {
    const finding = domain.dns[recordKey(record)];
    return {
      record: RECORD_NAMES[record.purpose],
      name: nameInZone(record.fullName, zone),
      type: record.type,
      ttl: 'Auto',
      status: recordStatus(record, domain),
      value: record.value,
      ...defined({ priority: record.priority }),
      purpose: record.purpose,
      full_name: record.fullName,
      dns: { result: finding?.result ?? 'not_checked', found: finding?.found ?? [] },
    };
  });
}

/**
 * Names of records. The contract has none for DMARC, and SDKs refuse one that they do not know: it goes with
 * the other policy texts.
 */
const RECORD_NAMES: Readonly<Record<DnsRecord['purpose'], 'SPF' | 'DKIM' | 'Tracking'>> = {
  DKIM: 'DKIM',
  'MAIL FROM': 'SPF',
  SPF: 'SPF',
  DMARC: 'SPF',
  tracking: 'Tracking',
};
