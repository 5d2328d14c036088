import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../support/base/eventually.ts';
import { aMail, nowOf, passMinutes, request } from '../support/journeys/journey.ts';
import { startTestCloud, type TestCloud } from '../support/journeys/local-cloud.ts';

const SHARED_POOL = 'ses-shared-pool';
const DAY_SECONDS = 86_400;

/** Streams on dedicated addresses that are warmed up by a plan, from the first deploy on. */
describe('warm-up', () => {
  let cloud: TestCloud;

  before(async () => {
    const standard = { kind: 'broadcast', pool: 'standard', ratePercent: 20 } as const;
    cloud = await startTestCloud({
      config: {
        streams: {
          transactional: { kind: 'transactional', ratePercent: 60 },
          news: { ...standard, warmUp: { plan: [5, 10] } },
          offers: { ...standard, warmUp: { plan: [3, 50], overflow: 'wait' } },
        },
      },
    });
  });
  after(() => cloud.close());

  const send = async (stream: string, count: number, label: string) => {
    const mails = Array.from({ length: count }, (_, index) =>
      aMail({ to: `${stream}-${label}-${index}@example.org`, stream }),
    );
    assert.equal((await request(cloud, 'POST', '/emails/batch', mails)).status, 200);
  };
  const poolsOf = async (prefix: string) =>
    (await cloud.inbox())
      .filter(({ envelope }) => envelope.to[0]?.startsWith(prefix))
      .map(({ pool }) => pool)
      .sort();
  const stream = async (name: string) => (await request(cloud, 'GET', `/streams/${name}`)).body;
  const warmUpOf = async (name: string) => (await stream(name)).warm_up as Record<string, unknown>;

  test('the warm-up waits for an address: until then mail leaves by shared ones', async () => {
    await send('news', 2, 'before');
    await eventually(async () => assert.deepEqual(await poolsOf('news-before'), [SHARED_POOL, SHARED_POOL]));
    assert.deepEqual(await warmUpOf('news'), { day: null, overflow: 'send' });
  });

  test("the warm-up begins with the first address, with SES's own warm-up off", async () => {
    for (const [index, name] of ['news', 'offers'].entries()) {
      const body = JSON.stringify({ pool: (await stream(name)).pool_name, ip: `192.0.2.${index + 1}` });
      const leased = await fetch(`${cloud.url}/_local/dedicated-ips`, { method: 'POST', body });
      assert.equal(leased.status, 200, await leased.text());
    }
    await eventually(async () => {
      await passMinutes(cloud, 3);
      for (const name of ['news', 'offers']) assert.equal((await warmUpOf(name)).day, 1);
    });
    const ips = (await (await fetch(`${cloud.url}/_local/dedicated-ips`)).json()) as Record<
      string,
      unknown
    >[];
    assert.deepEqual(
      ips.map(({ warmupPercentage }) => warmupPercentage),
      [100, 100],
    );
  });

  test("takes today's volume to its own pool and the rest to shared addresses", async () => {
    const pool = String((await stream('news')).pool_name);
    await send('news', 8, 'one');
    await eventually(async () => assert.equal((await poolsOf('news-one')).length, 8));
    const own = (await poolsOf('news-one')).filter((each) => each === pool);
    assert.deepEqual([own.length, new Set(await poolsOf('news-one')).size], [5, 2]);
    await eventually(async () => {
      const { allowance, used, overflowed } = await warmUpOf('news');
      assert.deepEqual([allowance, used, overflowed], [5, 5, 3]);
    });
  });

  test('holds mail above the volume of today for tomorrow where the config says so, and sends it then', async () => {
    const pool = String((await stream('offers')).pool_name);
    await send('offers', 8, 'one');
    await eventually(async () => assert.deepEqual(await poolsOf('offers-one'), [pool, pool, pool]));

    const untilMidnight = DAY_SECONDS - (((await nowOf(cloud)) / 1000) % DAY_SECONDS);
    await cloud.advance(Math.max(0, untilMidnight - 90));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    assert.equal((await poolsOf('offers-one')).length, 3, 'not before midnight');
    await eventually(async () => {
      await passMinutes(cloud, 3);
      assert.deepEqual(await poolsOf('offers-one'), Array(8).fill(pool));
    });
    assert.equal((await warmUpOf('offers')).day, 2);
  });
});
