import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type GetEmailsMetricsOptions, Resend } from 'resend';
import { domainIdOf } from '../../../../shared/domains/domain-id.ts';
import type { PublishedEventType } from '../../../../shared/event-catalog/contract/published-types.ts';
import type { PublishedEvent } from '../../../../shared/events/published-event.ts';
import type { BounceType, Fact } from '../../../../shared/messages/delivery-event.ts';
import { METRICS } from '../../../../shared/metrics/metrics.ts';
import { foldLog } from '../../../../shared/metrics/services/fold-metrics.ts';
import { newTenant } from '../../../../shared/tenants/tenant.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { type ControlWorld, startControlWorld } from '../../../support/control-api/control-world.ts';
import { anEvent } from '../../../support/event-log/memory-event-log.ts';
import { aFact, aMessage, anId, NOON } from '../../../support/messages/message-builders.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let world: ControlWorld;
let stopDynalite: () => Promise<void>;
let token: string;
let resend: Resend;
let tenants = 0;

before(async () => {
  const dynalite = await startDynalite();
  stopDynalite = dynalite.stop;
  world = await startControlWorld(dynalite.client);
});
after(async () => {
  await world.stop();
  await stopDynalite();
});

/** Each test has a tenant, and so a log, of its own. */
let tenant: string;
beforeEach(async () => {
  world.time.nowEpochMs = NOON;
  tenants += 1;
  tenant = `t${tenants}`;
  await world.tenants.putIfAbsent(newTenant(tenant, new Date(NOON).toISOString()));
  token = await world.key({ tenant });
  resend = new Resend(token, { baseUrl: world.url });
});

const at = (hoursAgo: number): string => new Date(NOON - hoursAgo * HOUR_MS).toISOString();

function tell(type: PublishedEventType, hoursAgo = 1, overrides: Partial<PublishedEvent> = {}) {
  world.eventLog.append([anEvent({ type, createdAt: at(hoursAgo), ...overrides })], tenant);
}

/** Counts what there is, as the sweep would a day later. */
const fold = () =>
  foldLog(tenant, () => true, {
    ...{ blocks: world.eventLog.reader, counters: world.counters.port },
    clock: { nowEpochMs: () => NOON + 30 * DAY_MS },
  });

async function ask(options: GetEmailsMetricsOptions = {}) {
  const { data, error } = await resend.emails.metrics(options);
  assert.equal(error, null);
  assert.ok(data);
  return data;
}

const get = (query: string) => world.request('GET', `/emails/metrics?${query}`, token);

describe('GET /emails/metrics by the resend SDK', () => {
  test('a total has every metric of the contract, 0 where nothing has happened, and no rows', async () => {
    assert.deepEqual(await ask(), {
      object: 'metrics',
      start_date: '2026-11-17T00:00:00.000Z',
      end_date: '2026-11-23T12:00:00.000Z',
      metrics: METRICS,
      dimensions: [],
      granularity: 'daily',
      totals: Object.fromEntries(METRICS.map((metric) => [metric, 0])),
    });
  });

  test('counts events, and rates come from the sums', async () => {
    for (let count = 0; count < 3; count++) tell('email.sent', 2);
    tell('email.delivered', 1);
    tell('email.delivered', 1);
    tell('email.bounced', 1, { data: { from: 'a@example.com', bounce: { type: 'Permanent' } } });
    tell('email.opened', 1, { isFirst: true });
    tell('email.opened', 1);
    tell('email.opened', 1, { isMachine: true });
    const { totals } = await ask();
    assert.deepEqual(
      [totals.received, totals.sent, totals.delivered, totals.bounced, totals.bounced_permanent],
      [3, 3, 2, 1, 1],
    );
    assert.deepEqual([totals.opened, totals.unique_opened, totals.complained], [2, 1, 0]);
    assert.deepEqual(
      [totals.delivery_rate, totals.bounce_rate, totals.open_rate, totals.click_rate],
      [66.67, 33.33, 50, 0],
    );
  });

  test('shows the opens and clicks of machines where they are asked for', async () => {
    tell('email.opened', 1, { isMachine: true });
    tell('email.clicked', 1, { isMachine: true });
    const { body } = await get('metrics=opened,machine_opened,machine_clicked');
    assert.deepEqual(body.totals, { opened: 0, machine_opened: 1, machine_clicked: 1 });
    assert.deepEqual(body.metrics, ['opened', 'machine_opened', 'machine_clicked']);
  });

  test('says the same before and after events are folded, and knows what came since', async () => {
    for (let count = 0; count < 6; count++) tell('email.sent', count);
    const options: GetEmailsMetricsOptions = { dimensions: ['period'], granularity: 'hourly' };
    const whole = await ask(options);
    assert.equal(whole.totals.sent, 6);
    await fold();
    assert.deepEqual(await ask(options), whole);
    for (let count = 0; count < 6; count++) tell('email.sent', count);
    assert.equal((await ask(options)).totals.sent, 12);
  });

  test('folds a long tail on its way, so that the next question is cheap', async () => {
    for (let count = 0; count < 260; count++) tell('email.sent', 1);
    assert.equal((await ask()).totals.sent, 260);
    world.eventLog.reads.length = 0;
    assert.equal((await ask()).totals.sent, 260);
    assert.deepEqual(
      world.eventLog.reads.map(({ fromNumber }) => fromNumber),
      [261],
    );
  });

  test('answers 503, and nothing that is too little, where the log is too long to be counted in time', async () => {
    for (let count = 0; count < 900; count++) tell('email.sent', 1);
    const { reader } = world.eventLog;
    const { read } = reader;
    reader.read = async (...args) => {
      world.time.nowEpochMs += 5_000;
      return read(...args);
    };
    const behind = await get('').finally(() => {
      reader.read = read;
    });
    assert.deepEqual([behind.status, behind.body.name], [503, 'application_error']);
    assert.equal(behind.headers.get('retry-after'), '2');
    assert.equal((await ask()).totals.sent, 900);
  });

  test('rows by day have one for each day, also for those that nothing happened in', async () => {
    tell('email.sent', 1);
    tell('email.sent', 25);
    tell('email.sent', 49);
    tell('email.sent', 24 * 30);
    const { data, totals } = await ask({
      startDate: '2026-11-20',
      endDate: '2026-11-23',
      dimensions: ['period'],
      metrics: ['sent', 'delivery_rate'],
    });
    assert.deepEqual(data, [
      { period: '2026-11-20', sent: 0, delivery_rate: 0 },
      { period: '2026-11-21', sent: 1, delivery_rate: 0 },
      { period: '2026-11-22', sent: 1, delivery_rate: 0 },
      { period: '2026-11-23', sent: 1, delivery_rate: 0 },
    ]);
    assert.deepEqual(totals, { sent: 3, delivery_rate: 0 });
  });

  test('days are those of the time zone, to the quarter of an hour', async () => {
    tell('email.sent', 17.51);
    tell('email.sent', 17.49);
    await fold();
    const { data } = await ask({
      ...{ startDate: '2026-11-22', endDate: '2026-11-23', timezone: 'Asia/Kolkata' },
      ...{ dimensions: ['period'], metrics: ['sent'] },
    });
    assert.deepEqual(data, [
      { period: '2026-11-22', sent: 1 },
      { period: '2026-11-23', sent: 1 },
    ]);
  });

  test('shows the 24 hours of one day', async () => {
    tell('email.sent', 12);
    tell('email.sent', 36);
    const { data } = await ask({
      ...{ startDate: '2026-11-22', endDate: '2026-11-22', granularity: 'hourly' },
      ...{ dimensions: ['period'], metrics: ['sent'] },
    });
    assert.equal(data?.length, 24);
    assert.deepEqual(data?.[0], { period: '2026-11-22T00:00:00Z', sent: 1 });
  });

  test('rows by domain have one for each sending domain, with the id that the domain has', async () => {
    tell('email.sent', 1, { data: { from: 'News <news@b.example>' } });
    tell('email.sent', 1, { data: { from: 'x@a.example' } });
    tell('email.delivered', 1, { data: { from: 'x@a.example' } });
    await fold();
    const { data } = await ask({ dimensions: ['domain'], metrics: ['sent', 'delivered'] });
    assert.deepEqual(data, [
      { domain_id: domainIdOf('a.example'), domain_name: 'a.example', sent: 1, delivered: 1 },
      { domain_id: domainIdOf('b.example'), domain_name: 'b.example', sent: 1, delivered: 0 },
    ]);
  });

  test('rows by period and domain have one where something happened, in the order of both', async () => {
    tell('email.sent', 25, { data: { from: 'x@b.example' } });
    tell('email.sent', 1, { data: { from: 'x@b.example' } });
    tell('email.sent', 1, { data: { from: 'x@a.example' } });
    const { data } = await ask({ dimensions: ['period', 'domain'], metrics: ['sent'] });
    assert.deepEqual(
      data?.map((row) => [row.period, row.domain_name, row.sent]),
      [
        ['2026-11-22', 'b.example', 1],
        ['2026-11-23', 'a.example', 1],
        ['2026-11-23', 'b.example', 1],
      ],
    );
  });

  test('counts only the domains that are asked for, and nothing for an unknown one', async () => {
    tell('email.sent', 1, { data: { from: 'x@a.example' } });
    tell('email.sent', 1, { data: { from: 'x@b.example' } });
    const of = (...names: string[]) => ask({ domainId: names.map(domainIdOf), dimensions: ['domain'] });
    assert.equal((await of('a.example')).totals.sent, 1);
    assert.equal((await of('a.example', 'b.example')).totals.sent, 2);
    const none = await of('c.example');
    assert.deepEqual([none.totals.sent, none.data], [0, []]);
  });

  test('counts in the total the events without a sender, and names no domain for them', async () => {
    tell('email.delivered', 1, { data: {} });
    const { data, totals } = await ask({ dimensions: ['domain'], metrics: ['delivered'] });
    assert.deepEqual([totals, data], [{ delivered: 1 }, [{ delivered: 1 }]]);
  });

  test('a parameter may be repeated', async () => {
    tell('email.sent', 1);
    const { body } = await get('metrics=sent&metrics=delivered,failed&dimensions=period&dimensions=domain');
    assert.deepEqual(body.metrics, ['sent', 'delivered', 'failed']);
    assert.deepEqual(body.dimensions, ['period', 'domain']);
  });

  test('there are no broadcasts: of one there is nothing, and rows of them are none', async () => {
    tell('email.sent', 1);
    const ofOne = await ask({ broadcastId: [anId()], dimensions: ['period'], metrics: ['sent'] });
    assert.equal(ofOne.totals.sent, 0);
    assert.equal(ofOne.data?.length, 7);
    const ofAll = await ask({ dimensions: ['period', 'broadcast'], metrics: ['sent'] });
    assert.deepEqual([ofAll.totals.sent, ofAll.data], [1, []]);
  });

  test('one tenant is told nothing of another', async () => {
    tell('email.sent', 1);
    const other = new Resend(await world.key(), { baseUrl: world.url });
    assert.equal((await other.emails.metrics()).data?.totals.sent, 0);
    assert.equal((await ask()).totals.sent, 1);
  });

  test('a key that may only send is told no metrics', async () => {
    const sender = await world.key({ tenant, permission: 'sending_access' });
    assert.equal((await world.request('GET', '/emails/metrics', sender)).status, 401);
  });

  test('a wrong question is refused in the shape of the contract', async () => {
    const { error } = await resend.emails.metrics({ timezone: 'Mars/Olympus' });
    assert.deepEqual([error?.statusCode, error?.name], [422, 'validation_error']);
    const { status, headers } = await world.request('POST', '/emails/metrics', token);
    assert.deepEqual([status, headers.get('allow')], [405, 'GET']);
  });

  test('more than ten thousand rows are refused', async () => {
    const domains = Array.from({ length: 1_500 }, (_, index) => ({ from: `x@d${index}.example` }));
    for (let day = 0; day < 7; day++)
      world.eventLog.append(
        domains.map((data) => anEvent({ createdAt: at(day * 24), data })),
        tenant,
      );
    const { status, body } = await get('dimensions=period,domain');
    assert.equal(status, 422);
    assert.match(body.message, /has 10500 rows, and may have 10000/);
    assert.equal((await ask({ dimensions: ['domain'] })).data?.length, 1_500);
  });
});

describe('metrics of single mails', () => {
  let tail = 0;

  function put(facts: readonly Partial<Fact>[], overrides: Parameters<typeof aMessage>[0] = {}): string {
    tail += 1;
    const messageId = anId(NOON - 2 * HOUR_MS, tail);
    const message = aMessage({
      ...{ messageId, tenant, status: 'sent', attempt: 1, sentAtEpochMs: NOON - HOUR_MS },
      ...overrides,
    });
    world.put(
      message,
      undefined,
      facts.map((fact) => aFact({ messageId, occurredAt: at(0.5), ...fact })),
    );
    return messageId;
  }

  test('metrics of single mails come from what is known of each of them', async () => {
    const read = put([
      { kind: 'delivered' },
      { kind: 'opened', occurredAt: at(0.3) },
      { kind: 'opened', occurredAt: at(0.4), detail: { isMachine: true } },
      { kind: 'opened', occurredAt: at(0.2) },
      { kind: 'clicked', occurredAt: at(0.1), detail: { link: 'https://example.com' } },
    ]);
    const lost = put([{ kind: 'bounced', detail: { bounceType: 'Transient' as BounceType } }]);
    const { data, totals } = await ask({
      emailId: [lost, read],
      dimensions: ['email'],
      metrics: ['sent', 'delivered', 'bounced', 'opened', 'unique_opened', 'clicked', 'open_rate'],
    });
    const counted = {
      sent: 1,
      delivered: 1,
      bounced: 0,
      opened: 2,
      unique_opened: 1,
      clicked: 1,
      open_rate: 100,
    };
    const bounced = {
      sent: 1,
      delivered: 0,
      bounced: 1,
      opened: 0,
      unique_opened: 0,
      clicked: 0,
      open_rate: 0,
    };
    assert.deepEqual(data, [
      { email_id: read, ...counted },
      { email_id: lost, ...bounced },
    ]);
    assert.deepEqual(totals, { ...counted, sent: 2, bounced: 1 });
  });

  test('metrics of single mails count recipients, those dropped and those that a failure has cost', async () => {
    const to = ['a@example.org', 'b@example.org', 'c@example.org'];
    const partly = put([], { to, suppressedRecipients: ['c@example.org'] });
    const dropped = put([], { to, status: 'suppressed', suppressedRecipients: to });
    const failed = put([], { to, status: 'failed' });
    const queued = put([], { to, status: 'accepted' });
    const totalsOf = async (id: string) => {
      const { totals } = await ask({ emailId: [id], metrics: ['received', 'sent', 'suppressed', 'failed'] });
      return Object.values(totals);
    };
    assert.deepEqual(await totalsOf(partly), [3, 2, 1, 0]);
    assert.deepEqual(await totalsOf(dropped), [3, 0, 3, 0]);
    assert.deepEqual(await totalsOf(failed), [3, 0, 0, 3]);
    assert.deepEqual(await totalsOf(queued), [0, 0, 0, 0]);
  });

  test('single mails count in their periods, and for the domains that are asked for', async () => {
    const id = put([{ kind: 'delivered', occurredAt: at(25) }]);
    const { data } = await ask({
      ...{ emailId: [id], metrics: ['sent', 'delivered'] },
      ...{ startDate: '2026-11-22', dimensions: ['period', 'email', 'domain'] },
    });
    const names = { domain_id: domainIdOf('example.com'), domain_name: 'example.com', email_id: id };
    assert.deepEqual(data, [
      { period: '2026-11-22', ...names, sent: 0, delivered: 1 },
      { period: '2026-11-23', ...names, sent: 1, delivered: 0 },
    ]);
    const other = await ask({ emailId: [id], domainId: [domainIdOf('b.example')], metrics: ['sent'] });
    assert.equal(other.totals.sent, 0);
  });

  test('mails of another tenant, mails that are gone, and unknown ones count nothing', async () => {
    const gone = put([], { expiresAtEpochSeconds: NOON / 1000 });
    const foreign = put([], { tenant: 'default' });
    const never = anId(NOON, 999_999);
    const v4 = '0bc0bc0b-0000-4000-8000-000000000000';
    const { totals, data } = await ask({
      emailId: [gone, foreign, never, v4],
      ...{ dimensions: ['email'], metrics: ['sent'] },
    });
    assert.deepEqual([totals, data], [{ sent: 0 }, []]);
  });
});
