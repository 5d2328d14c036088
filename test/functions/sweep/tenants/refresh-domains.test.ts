import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRefreshDomains } from '../../../../functions/sweep/tenants/refresh-domains.ts';
import type { SendingDomain } from '../../../../shared/domains/sending-domain.ts';
import { aDomain, anIdentity, rememberedIdentities } from '../../../support/domains/domain-world.ts';

const MINUTE = 60_000;

function aRefreshWorld(count: number) {
  const names = Array.from({ length: count }, (_, index) => `d${String(index).padStart(2, '0')}.test`);
  const identities = rememberedIdentities(names);
  const rows = names.map((name) => aDomain({ name, identity: anIdentity('success') }));
  const time = { nowEpochMs: 60 * MINUTE };
  const logged: string[] = [];
  const run = createRefreshDomains({
    identities: identities.port,
    clock: { nowEpochMs: () => time.nowEpochMs },
    log: { warn: (event) => void logged.push(event), error: (event) => void logged.push(event) },
    pages: {
      page: async (after, limit) => {
        const from =
          after === undefined ? 0 : rows.findIndex(({ domainId }) => domainId === after.domainId) + 1;
        return { domains: rows.slice(from, from + limit), isLast: from + limit >= rows.length };
      },
    },
    domains: {
      update: async ({ domainId }, { identity, ...changes }) => {
        const at = rows.findIndex((row) => row.domainId === domainId);
        const { identity: _old, ...row } = rows[at] as SendingDomain;
        const updated = { ...row, ...changes, ...(identity ? { identity } : {}) };
        rows[at] = updated;
        return updated;
      },
    },
  });
  return { identities, rows, time, logged, run };
}

describe('the round of all domains', () => {
  test('the round asks SES about one domain at most in a run, and about each in turn', async () => {
    const world = aRefreshWorld(30);
    for (let minute = 0; minute < 32; minute++) {
      const before = world.identities.calls.length;
      await world.run();
      assert.ok(world.identities.calls.length - before <= 1);
    }
    assert.equal(new Set(world.identities.calls).size, 30);
  });

  test('the round asks SES about no domain while all are fresh', async () => {
    const world = aRefreshWorld(2);
    for (let minute = 0; minute < 10; minute++) {
      await world.run();
      world.time.nowEpochMs += MINUTE;
    }
    assert.equal(world.identities.calls.length, 2);
  });

  test('says when SES takes a verification back', async () => {
    const world = aRefreshWorld(1);
    world.identities.byName.set('d00.test', anIdentity('failed'));
    await world.run();
    assert.equal(world.rows[0]?.identity?.isVerifiedForSending, false);
    assert.deepEqual(world.logged, ['domain_lost_its_verification']);
  });

  test('the round goes on with the next domain where SES fails for one', async () => {
    const world = aRefreshWorld(2);
    world.identities.failing.add('get');
    await world.run();
    world.identities.failing.clear();
    await world.run();
    assert.deepEqual(world.identities.calls, ['get d00.test', 'get d01.test']);
    assert.deepEqual(world.logged, ['domain_not_refreshed']);
  });
});
