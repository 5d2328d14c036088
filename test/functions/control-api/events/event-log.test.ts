import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  PUBLISHED_EVENT_TYPES,
  type PublishedEventType,
} from '../../../../shared/event-catalog/contract/published-types.ts';
import { createEventLog } from '../../../../shared/event-log/adapters/event-log-table.ts';
import { encodeLogCursor } from '../../../../shared/event-log/contract/event-log-cursor.ts';
import type { EventLog } from '../../../../shared/event-log/ports.ts';
import { createIds } from '../../../../shared/runtime/ids.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { type ControlWorld, startControlWorld } from '../../../support/control-api/control-world.ts';
import { anEntry, anEvent } from '../../../support/event-log/log-builders.ts';
import { anId, NOON } from '../../../support/messages/message-builders.ts';

const DAY_MS = 86_400_000;

let client: DynamoDBClient;
let stopDynalite: () => Promise<void>;
let world: ControlWorld;
let log: EventLog;
let tenant: string;
let token: string;
let tenants = 0;

before(async () => {
  ({ client, stop: stopDynalite } = await startDynalite());
  world = await startControlWorld(client);
});
after(async () => {
  await world.stop();
  await stopDynalite();
});
beforeEach(async () => {
  world.time.nowEpochMs = NOON;
  tenants += 1;
  tenant = `tenant-${tenants}`;
  token = await world.key({ tenant });
  const clock = { nowEpochMs: () => world.time.nowEpochMs };
  const table = { client, tableName: 'events', clock, ids: createIds(clock) };
  log = createEventLog({ ...table, sleep: async () => undefined, jitter: () => 1 });
});

const range = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);

/** In one block. */
const append = (facts: readonly number[], type: PublishedEventType = 'email.delivered', emailId?: string) =>
  log.append(
    tenant,
    facts.map((fact) => {
      const email = emailId === undefined ? {} : { email_id: emailId };
      return anEntry(anEvent(fact, { tenant, type, data: { fact, ...email } }), world.time.nowEpochMs);
    }),
  );

const ask = (query = '', key = token) => world.request('GET', `/event-log${query}`, key);

const factsOf = ({ body }: { body: { data: { data: { fact: number } }[] } }) =>
  body.data.map(({ data }) => data.fact);

async function readAll(query: string): Promise<readonly number[]> {
  const facts: number[] = [];
  for (let after = ''; ; ) {
    const answer = await ask(`?${query}${after}`);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    facts.push(...factsOf(answer));
    if (!answer.body.has_more) return facts;
    after = `&after=${answer.body.next}`;
  }
}

describe('GET /event-log', () => {
  test('answers events in the shape of a list, with a cursor that goes on', async () => {
    const event = anEvent('one', {
      tenant,
      stream: 'transactional',
      data: { email_id: anId(), tags: { a: 'b' } },
    });
    await log.append(tenant, [anEntry(event)]);
    const { status, body } = await ask();
    assert.equal(status, 200);
    const { next, ...list } = body;
    assert.match(next, /^[\w-]+$/);
    const { id, type, createdAt, data } = event;
    assert.deepEqual(list, {
      object: 'list',
      has_more: false,
      data: [{ id, type, created_at: createdAt, data }],
    });
    assert.deepEqual(Object.keys(body), ['object', 'has_more', 'data', 'next']);
  });

  test('pages of any size give every event once, in the order of the log', async () => {
    for (const batch of range(10)) await append(range(9, batch * 9));
    for (const limit of [1, 4, 9, 20, 89, 90, 100]) {
      assert.deepEqual(await readAll(`limit=${limit}`), range(90), `limit ${limit}`);
    }
    assert.equal((await ask()).body.data.length, 20);
  });

  test('an empty page has a cursor too, which goes on with what comes', async () => {
    const empty = await ask();
    assert.deepEqual([empty.body.data, empty.body.has_more], [[], false]);
    await append([1]);
    const first = await ask(`?after=${empty.body.next}`);
    assert.deepEqual(factsOf(first), [1]);
    const nothing = await ask(`?after=${first.body.next}`);
    assert.deepEqual([nothing.body.data, nothing.body.has_more], [[], false]);
    await append([2]);
    assert.deepEqual(factsOf(await ask(`?after=${nothing.body.next}`)), [2]);
  });

  test('shows a key the events of its own tenant alone', async () => {
    await append([1]);
    const other = await world.key({ tenant: `${tenant}-other` });
    assert.deepEqual((await ask('', other)).body.data, []);
    await append([2]);
    const first = (await ask('?limit=1')).body;
    assert.deepEqual((await ask(`?after=${first.next}`, other)).body.name, 'invalid_parameter');
  });

  test('the log is not for sending keys, and has no routes below it', async () => {
    const sender = await world.key({ tenant, permission: 'sending_access' });
    assert.equal((await ask('', sender)).body.name, 'restricted_api_key');
    assert.equal((await world.request('GET', '/event-log')).status, 401);
    assert.equal((await world.request('GET', '/event-log/abc', token)).body.name, 'not_found');
    assert.equal((await world.request('POST', '/event-log', token, {})).body.name, 'method_not_allowed');
  });
});

describe('filters', () => {
  test('filters show the types that are asked for, once or several times', async () => {
    await append([1], 'email.sent');
    await append([2], 'email.bounced');
    await append([3], 'email.opened');
    assert.deepEqual(await readAll('type=email.bounced'), [2]);
    assert.deepEqual(await readAll('type=email.sent,%20email.opened'), [1, 3]);
    assert.deepEqual(await readAll('type=email.opened&type=email.sent&limit=1'), [1, 3]);
    assert.deepEqual(await readAll('type=domain.created'), []);
  });

  test('filters show one email, from about when it was accepted on', async () => {
    const emailId = anId(NOON, 7);
    await append([1], 'email.sent', anId(NOON, 8));
    world.time.nowEpochMs += 5_000;
    await append([2], 'email.sent', emailId);
    await append([3], 'email.delivered', anId(NOON, 9));
    world.time.nowEpochMs += 5 * DAY_MS;
    await append([4], 'email.clicked', emailId);
    assert.deepEqual(await readAll(`email_id=${emailId}`), [2, 4]);
    assert.deepEqual(await readAll(`email_id=${emailId.toUpperCase()}&type=email.clicked`), [4]);
    assert.deepEqual(await readAll(`email_id=${anId(NOON + 20 * DAY_MS)}`), []);
    assert.deepEqual(await readAll('email_id=5a3a4b9e-2a0f-4a5b-9f0e-0123456789ab'), []);
  });

  test('filters look through a bounded part of the log at a time, and go on from there', async () => {
    for (const fact of range(120)) await append([fact], fact === 110 ? 'email.bounced' : 'email.sent');
    const pages = [await ask('?type=email.bounced')];
    for (let last = pages[0]; last?.body.has_more; ) {
      last = await ask(`?type=email.bounced&after=${last.body.next}`);
      pages.push(last);
    }
    assert.deepEqual(pages.map(factsOf), [[], [], [110]]);
  });

  test('filters that the rest of what was read does not match say that there is no more', async () => {
    const types = ['email.bounced', 'email.sent', 'email.opened'] as const;
    const events = types.map((type, fact) => anEvent(fact, { tenant, type, data: { fact } }));
    await log.append(
      tenant,
      events.map((event) => anEntry(event)),
    );
    const { body } = await ask('?type=email.bounced&limit=1');
    assert.deepEqual([body.data.length, body.has_more], [1, false]);
    await append([5], 'email.bounced');
    assert.deepEqual(factsOf(await ask(`?type=email.bounced&limit=1&after=${body.next}`)), [5]);
  });
});

describe('what is wrong with a request', () => {
  for (const [query, name, message] of [
    ['limit=0', 'validation_error', /`limit`/],
    ['limit=101', 'validation_error', /`limit`/],
    ['before=abc', 'validation_error', /`after`, not `before`/],
    ['before=abc&after=abc', 'validation_error', /`after`, not `before`/],
    ['type=', 'validation_error', /`type`/],
    [
      'type=email.sent,email.lost',
      'validation_error',
      /`email\.lost`; there is email\.scheduled, email\.sent/,
    ],
    ['email_id=abc', 'invalid_parameter', /`email_id` must be a valid UUID/],
    ['email_id=', 'invalid_parameter', /`email_id`/],
    ['after=', 'invalid_parameter', /`after`/],
    ['after=nonsense', 'invalid_parameter', /`after` cursor is not one that this log has given/],
    [`after=${encodeLogCursor({ block: 99, index: 0 })}`, 'invalid_parameter', /`after`/],
    [`after=${encodeLogCursor({ block: 1, index: 5 })}`, 'invalid_parameter', /`after`/],
    [`after=${anId()}`, 'invalid_parameter', /`after`/],
  ] as const) {
    test(`a mistake is told of ${query}`, async () => {
      await append([1, 2]);
      const { status, body } = await ask(`?${query}`);
      assert.deepEqual([status, body.name], [422, name]);
      assert.match(body.message, message);
    });
  }

  test('a mistake is told of a cursor that has expired, with what to do', async () => {
    await append([1]);
    const { next } = (await ask('?limit=1')).body;
    const early = encodeLogCursor({ block: 1, index: 0 });
    world.time.nowEpochMs += 36 * DAY_MS;
    await append([2]);
    const { status, body } = await ask(`?after=${early}`);
    assert.deepEqual([status, body.name], [422, 'invalid_parameter']);
    assert.match(body.message, /kept for 30 days.*without `after`/);
    assert.deepEqual(factsOf(await ask()), [2]);
    assert.deepEqual(factsOf(await ask(`?after=${next}`)), [2]);
  });

  test('lists every type there is', async () => {
    const { body } = await ask('?type=x');
    for (const type of PUBLISHED_EVENT_TYPES) assert.ok(body.message.includes(type), type);
  });
});
