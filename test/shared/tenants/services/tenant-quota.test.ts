import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createTenantQuota } from '../../../../shared/tenants/services/tenant-quota.ts';
import { TENANTS } from '../../../support/streams/stream-builders.ts';

/** A minute before midnight by UTC. */
const NOW = Date.parse('2026-11-24T23:59:00Z');

function aQuota(settings: typeof TENANTS | undefined, own: number | undefined) {
  const taken: unknown[] = [];
  const quota = createTenantQuota({
    settings,
    limits: { dailyRecipients: async () => own },
    usage: {
      async take(...use) {
        taken.push(use);
        return use[2] <= use[3];
      },
    },
    clock: { nowEpochMs: () => NOW },
  });
  return { quota, taken };
}

describe('the quota of a tenant', () => {
  test("the quota of a tenant is its own, else the config's, by UTC day", async () => {
    const { quota, taken } = aQuota({ ...TENANTS, dailyRecipients: 5 }, undefined);
    assert.deepEqual(await quota.spend('acme', 5), { kind: 'within' });
    assert.deepEqual(taken, [['acme', '2026-11-24', 5, 5]]);
    assert.deepEqual(await aQuota({ ...TENANTS, dailyRecipients: 5 }, 3).quota.spend('acme', 4), {
      ...{ kind: 'beyond', dailyRecipients: 3, againInSeconds: 60 },
    });
    assert.equal((await aQuota({ ...TENANTS, dailyRecipients: 5 }, 0).quota.spend('acme', 1)).kind, 'beyond');
  });

  test('a quota costs nothing where there is none: the operator, no tenants, no limit', async () => {
    for (const [settings, own, tenant] of [
      [TENANTS, undefined, 'acme'],
      [undefined, 3, 'acme'],
      [{ ...TENANTS, dailyRecipients: 1 }, 1, 'default'],
    ] as const) {
      const { quota, taken } = aQuota(settings, own);
      assert.deepEqual(await quota.spend(tenant, 100), { kind: 'within' });
      assert.deepEqual(taken, []);
    }
  });
});
