import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  createRefreshTenants,
  createTenantNames,
} from '../../../../functions/sweep/tenants/refresh-tenants.ts';
import { newTenant } from '../../../../shared/tenants/tenant.ts';
import { aDomain } from '../../../support/domains/domain-world.ts';
import { buildStreams, TENANTS } from '../../../support/streams/stream-builders.ts';
import { createMemoryTenants } from '../../../support/tenants/memory-tenants.ts';
import { rememberedSesTenants } from '../../../support/tenants/ses-tenants.ts';

const NOON = Date.parse('2026-11-24T12:00:00Z');

function aWorld({ hasTenants = true, names = ['acme', 'globex'], nowEpochMs = NOON } = {}) {
  const tenants = createMemoryTenants(names.map((name) => newTenant(name, '')));
  const ses = rememberedSesTenants();
  const logged: string[] = [];
  const streams = buildStreams(undefined, hasTenants ? TENANTS : undefined);
  const run = createRefreshTenants({
    ...{ tenants, streams, sesTenants: ses.port, configuredDomains: ['example.com'] },
    domains: { list: async (owner) => (owner === 'acme' ? [aDomain({ owner, name: 'acme.io' })] : []) },
    clock: { nowEpochMs: () => nowEpochMs },
    log: { error: (event) => void logged.push(event) },
  });
  return { tenants, ses, logged, run, names: createTenantNames({ streams, tenants }) };
}

const namesOf = (arns: Iterable<string> = []) => [...arns].map((arn) => arn.split(':').at(-1)).sort();

describe("the sweep's look at tenants", () => {
  test('the sweep completes what SES knows of each tenant', async () => {
    const { ses, run } = aWorld();
    await run();
    assert.deepEqual(namesOf(ses.resources.get('acme')), [
      ...['configuration-set/broadcast', 'configuration-set/transactional'],
      ...['identity/acme.io', 'identity/example.com'],
    ]);
    assert.deepEqual([...ses.resources.keys()], ['acme', 'globex']);
  });

  test('goes round all tenants by the clock, with any processes coming and going', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `tenant-${index}`);
    const seen = new Set<string>();
    for (let minute = 0; minute < 3; minute++) {
      const { ses, run } = aWorld({ names, nowEpochMs: NOON + minute * 60_000 });
      await run();
      assert.equal(ses.resources.size, 5);
      for (const name of ses.resources.keys()) seen.add(name);
    }
    assert.deepEqual([...seen].sort(), names.sort());
  });

  test('holds the mail of a tenant that SES has disabled, and lets it go when SES does', async () => {
    const { tenants, ses, run } = aWorld();
    const pausedBy = async () => (await tenants.read('acme'))?.pausedBy;
    ses.disabled.add('acme');
    await run();
    assert.equal(await pausedBy(), 'ses');
    await run();
    ses.disabled.clear();
    await run();
    assert.equal(await pausedBy(), undefined);
  });

  test('leaves a pause of the operator or the guard as it is', async () => {
    const { tenants, ses, run } = aWorld();
    await tenants.pause('acme', { by: 'operator', reason: 'no', nowEpochMs: NOON });
    ses.disabled.add('acme');
    await run();
    ses.disabled.clear();
    await run();
    await run();
    assert.equal((await tenants.read('acme'))?.pausedBy, 'operator');
  });

  test('goes on with the next tenant after one that failed', async () => {
    const { ses, run, logged } = aWorld();
    const { get } = ses.port;
    ses.port.get = async (name) => {
      if (name === 'acme') throw new Error('throttled');
      return get(name);
    };
    await run();
    assert.deepEqual([logged, [...ses.resources.keys()]], [['tenant_not_refreshed'], ['globex']]);
  });

  test('asks about no tenant where the config has none', async () => {
    const { ses, run, names } = aWorld({ hasTenants: false });
    await run();
    assert.equal(ses.resources.size, 0);
    assert.deepEqual(await names(), ['default']);
    assert.deepEqual(await aWorld().names(), ['default', 'acme', 'globex']);
  });
});
