import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { createDomainPages, createDomainsTable } from '../../../../shared/domains/adapters/domains-table.ts';
import { createSendingDomains } from '../../../../shared/domains/adapters/sending-domains.ts';
import { domainIdOf } from '../../../../shared/domains/domain-id.ts';
import type { Domains } from '../../../../shared/domains/ports.ts';
import { DEFAULT_SETTINGS } from '../../../../shared/domains/sending-domain.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { aDomain, anIdentity } from '../../../support/domains/domain-world.ts';

let client: DynamoDBClient;
let stop: () => Promise<void>;
let domains: Domains;
const catalog = () => ({ client, tableName: 'catalog' });

before(async () => {
  ({ client, stop } = await startDynalite());
  domains = createDomainsTable(catalog());
});
after(() => stop());

describe('domains in the catalog', () => {
  test('domains come back as they were put, and a second put changes nothing', async () => {
    const { settings } = aDomain();
    const domain = aDomain({
      name: 'whole.io',
      settings: { ...settings, trackingSubdomain: 'links' },
      dns: { 'MX send.whole.io': { result: 'unknown', found: ['timed out'], known: 'right' } },
    });
    assert.deepEqual(await domains.putIfAbsent(domain), domain);
    assert.deepEqual(await domains.get('default', domain.domainId), domain);
    const other = await domains.putIfAbsent({ ...domain, isAdopted: true });
    assert.deepEqual(other, domain);
  });

  test('domains are listed for their owner alone, newest first', async () => {
    for (const [owner, name, day] of [
      ['lister', 'old.io', 1],
      ['lister', 'new.io', 2],
      ['lister2', 'other.io', 3],
    ] as const)
      await domains.putIfAbsent(aDomain({ owner, name, createdAt: `2026-11-0${day}T00:00:00.000Z` }));
    assert.deepEqual(
      (await domains.list('lister')).map(({ name }) => name),
      ['new.io', 'old.io'],
    );
    assert.equal(await domains.get('lister2', domainIdOf('old.io')), undefined);
  });

  test('a domain name has one owner until it is deleted', async () => {
    const domain = aDomain({ owner: 'one', name: 'taken.io' });
    assert.equal(await domains.claimName(domain.domainId, 'one'), 'one');
    assert.equal(await domains.claimName(domain.domainId, 'one'), 'one');
    assert.equal(await domains.claimName(domain.domainId, 'two'), 'one');
    await domains.putIfAbsent(domain);
    await domains.delete('one', domain.domainId);
    assert.equal(await domains.get('one', domain.domainId), undefined);
    assert.equal(await domains.claimName(domain.domainId, 'two'), 'two');
  });

  test('a change keeps a domain in its place and makes none that is gone', async () => {
    const domain = aDomain({ name: 'changed.io' });
    await domains.putIfAbsent(domain);
    const identity = anIdentity('success');
    const changed = await domains.update(domain, { identity, identityReadAtEpochMs: 5, isVerifyAsked: true });
    assert.deepEqual(changed, { ...domain, identity, identityReadAtEpochMs: 5, isVerifyAsked: true });

    const { identity: _gone, ...rest } = changed;
    assert.deepEqual(await domains.update(domain, { identity: null, identityReadAtEpochMs: 6 }), {
      ...rest,
      identityReadAtEpochMs: 6,
    });

    await domains.delete('default', domain.domainId);
    assert.equal(await domains.update(domain, { identity }), undefined);
    assert.equal(await domains.get('default', domain.domainId), undefined);
  });

  test('going from page to page meets every domain', async () => {
    const pages = createDomainPages(catalog());
    const met: string[] = [];
    for (let page = await pages.page(undefined, 2); ; page = await pages.page(page.domains.at(-1), 2)) {
      met.push(...page.domains.map(({ name }) => name));
      if (page.isLast) break;
    }
    const { Count = 0 } = await client.send(
      new ScanCommand({
        TableName: 'catalog',
        FilterExpression: '#collection = :domains',
        ExpressionAttributeNames: { '#collection': 'collection' },
        ExpressionAttributeValues: { ':domains': { S: 'domains' } },
      }),
    );
    assert.equal(new Set(met).size, Count);
    assert.ok(met.includes('other.io'));
  });
});

describe('what may be sent from', () => {
  const time = { nowEpochMs: 1_000_000 };
  const finder = () =>
    createSendingDomains({
      ...catalog(),
      clock: { nowEpochMs: () => time.nowEpochMs },
      configured: ['own.io'],
    });

  async function countReads(run: () => Promise<unknown>): Promise<number> {
    let reads = 0;
    client.middlewareStack.add(
      (next) => (args) => {
        reads += 1;
        return next(args);
      },
      { step: 'initialize', name: 'count' },
    );
    await run();
    client.middlewareStack.remove('count');
    return reads;
  }

  test('a domain of the config may be sent from by every tenant, without a read', async () => {
    const sending = finder();
    const reads = await countReads(async () => {
      assert.deepEqual(await sending.find('anybody', 'own.io'), { name: 'own.io' });
    });
    assert.equal(reads, 0);
  });

  test('a verified domain of the tenant is read once in 50 seconds and given up within 60', async () => {
    const domain = aDomain({ name: 'sender.io', identity: anIdentity('success') });
    await domains.putIfAbsent(domain);
    const sending = finder();
    const reads = await countReads(async () => {
      for (let use = 0; use < 5; use++) assert.ok(await sending.find('default', 'sender.io'));
    });
    assert.equal(reads, 1);
    assert.equal(await sending.find('somebody-else', 'sender.io'), undefined);

    await domains.update(domain, { identity: anIdentity('failed') });
    time.nowEpochMs += 50_000;
    assert.equal(await sending.find('default', 'sender.io'), undefined);
  });

  test('a domain tells how its mail is tracked, and a change of that within 50 seconds', async () => {
    const settings = { ...DEFAULT_SETTINGS, clickTracking: true };
    const domain = aDomain({ name: 'tracked.io', identity: anIdentity('success'), settings });
    await domains.putIfAbsent(domain);
    const sending = finder();
    const tracking = async () => (await sending.find('default', 'tracked.io'))?.tracking;
    const reads = await countReads(async () => {
      for (let use = 0; use < 2; use++) assert.deepEqual(await tracking(), { opens: false, clicks: true });
    });
    assert.equal(reads, 1);
    await domains.update(domain, { settings: { ...settings, openTracking: true } });
    assert.deepEqual(await tracking(), { opens: false, clicks: true });
    time.nowEpochMs += 50_000;
    assert.deepEqual(await tracking(), { opens: true, clicks: true });
  });

  test('a domain may be sent from as soon as it is verified, because a no is not remembered', async () => {
    const domain = aDomain({ name: 'soon.io' });
    await domains.putIfAbsent(domain);
    const sending = finder();
    assert.equal(await sending.find('default', 'soon.io'), undefined);
    await domains.update(domain, { identity: anIdentity('success') });
    assert.ok(await sending.find('default', 'soon.io'));
  });
});
