import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/base/eventually.ts';
import { aMail, recipientsIn, request, withCloud } from '../support/journeys/journey.ts';
import type { TestCloud } from '../support/journeys/local-cloud.ts';
import { queueLike } from '../support/journeys/queues.ts';

const QUIET = Array.from({ length: 9 }, (_, index) => `quiet-${index}`);
const NOISY_MAILS = 600;
/** 600 mails are a backlog of 20 seconds. */
const SEND_RATE = 30;
/** What leaves in six seconds. */
const FLAT_MAILS = 6 * SEND_RATE;

describe('one noisy tenant among ten', () => {
  test("one noisy tenant among ten does not delay the others' mail, and does where queues are not fair", async (t) => {
    const environment = { POSTLANE_SES_SEND_RATE: String(SEND_RATE) };
    await withCloud({ config: { tenants: {} }, environment }, async (cloud) => {
      const keys = await makeTenants(cloud, ['noisy', ...QUIET]);
      const fair = await mailsAheadOfOthers(cloud, keys, true);
      await untilEmpty(cloud);
      const unfair = await mailsAheadOfOthers(cloud, keys, false);

      t.diagnostic(`most mails ahead: ${mostOf(fair)}, without fair queues ${mostOf(unfair)}`);
      assertFlat(fair);
      assert.throws(() => assertFlat(unfair), 'the measure tells the two apart');
    });
  });
});

const mostOf = (mailsAhead: readonly number[]) => Math.max(...mailsAhead);

const assertFlat = (mailsAhead: readonly number[]) =>
  assert.ok(mostOf(mailsAhead) < FLAT_MAILS, `${mostOf(mailsAhead)} mails`);

type Keys = ReadonlyMap<string, string>;

async function makeTenants(cloud: TestCloud, names: readonly string[]): Promise<Keys> {
  const keys = new Map<string, string>();
  for (const name of names) {
    assert.equal((await request(cloud, 'POST', '/tenants', { name })).status, 201);
    const { body } = await request(cloud, 'POST', '/api-keys', { name, tenant: name });
    keys.set(name, String(body.token));
  }
  return keys;
}

const post = (cloud: TestCloud, path: string, token: string, body: unknown) =>
  request(cloud, 'POST', path, body, { authorization: `Bearer ${token}` });

/** What arrives between the request of each of the quiet ones and its mail, while the noisy one has a backlog. */
async function mailsAheadOfOthers(cloud: TestCloud, keys: Keys, isFair: boolean): Promise<readonly number[]> {
  await fetch(`${cloud.url}/_local/fairness`, { method: 'POST', body: JSON.stringify({ enabled: isFair }) });
  const noise = Array.from({ length: 100 }, (_, index) => aMail({ to: `noise-${index}@example.org` }));
  for (let sent = 0; sent < NOISY_MAILS; sent += noise.length)
    assert.equal((await post(cloud, '/emails/batch', keys.get('noisy') ?? '', noise)).status, 200);
  await sleep(1_000);
  return Promise.all(
    QUIET.map(async (name) => {
      const to = `${name}-${isFair}@example.org`;
      const arrivedBefore = (await cloud.inbox()).length;
      assert.equal((await post(cloud, '/emails', keys.get(name) ?? '', aMail({ to }))).status, 200);
      await eventually(async () => assert.equal((await cloud.inbox(to)).length, 1));
      return (await recipientsIn(cloud)).indexOf(to) - arrivedBefore;
    }),
  );
}

const untilEmpty = (cloud: TestCloud) =>
  eventually(async () => {
    const { ready, inFlight, delayed } = await queueLike(cloud, /transactionalstreamSendQueue/);
    assert.equal(ready + inFlight + delayed, 0);
  });
