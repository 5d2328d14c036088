import { createHash } from 'node:crypto';
import { OPERATOR_TENANT } from '../../base/tenant-name.ts';
import { eventIdOf, type PublishedEvent } from '../../events/published-event.ts';
import type { Stored } from '../../events/stored-change.ts';
import type { DomainChange } from '../domain-change.ts';
import { CONFIG_OWNER, type SendingDomain } from '../sending-domain.ts';
import type { DomainEventType } from './domain-event-types.ts';
import { type DnsContext, domainItem, domainRecords } from './domain-object.ts';

/**
 * Events of a domain that was added, removed, or changed in something that its object shows; looks at it that
 * find nothing new are none.
 */
export function eventsOfDomain(
  { change: { before, after }, recordedAtEpochMs }: Stored<DomainChange>,
  place: DnsContext,
): readonly PublishedEvent[] {
  if (before === undefined) return after === undefined ? [] : [createdEvent(after, place)];
  if (after === undefined) {
    const key = before.createdAt;
    return [domainEvent(before, 'domain.deleted', { atEpochMs: recordedAtEpochMs, key, place })];
  }
  const [then, now] = [fingerprintOf(before, place), fingerprintOf(after, place)];
  if (then === now) return [];
  const key = [recordedAtEpochMs, then, now].join(' ');
  return [domainEvent(after, 'domain.updated', { atEpochMs: recordedAtEpochMs, key, place })];
}

/**
 * Event of a new domain. An id follows from the name, so that one domain can be added, changed and removed
 * many times: a fact is known by its time too.
 */
const createdEvent = (domain: SendingDomain, place: DnsContext): PublishedEvent =>
  domainEvent(domain, 'domain.created', {
    atEpochMs: Date.parse(domain.createdAt),
    key: domain.createdAt,
    place,
  });

function domainEvent(
  domain: SendingDomain,
  type: DomainEventType,
  { atEpochMs, key, place }: { atEpochMs: number; key: string; place: DnsContext },
): PublishedEvent {
  const { id, name, status, created_at, region } = domainItem(domain, place);
  return {
    id: eventIdOf(atEpochMs, domain.owner, domain.domainId, type, key),
    type,
    tenant: domain.owner === CONFIG_OWNER ? OPERATOR_TENANT : domain.owner,
    createdAt: new Date(atEpochMs).toISOString(),
    data: { id, name, status, created_at, region, records: recordsOf(domain, place) },
  };
}

/** Records as the contract has them: what our own look at DNS found is not part of an event. */
const recordsOf = (domain: SendingDomain, place: DnsContext) =>
  domainRecords(domain, place).map(({ purpose: _purpose, full_name: _name, dns: _dns, ...record }) => record);

const fingerprintOf = (domain: SendingDomain, place: DnsContext): string =>
  createHash('sha256')
    .update(JSON.stringify([domainItem(domain, place), recordsOf(domain, place)]))
    .digest('hex');
