import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createTailEvents } from '../../../functions/tail-events/tail-events.ts';
import type { ApiKeyClaims } from '../../../shared/access/api-key.ts';
import { ContractError } from '../../../shared/base/contract/errors.ts';
import type { PublishedEventType } from '../../../shared/event-catalog/contract/published-types.ts';
import { CursorError, type LogCursor } from '../../../shared/event-log/ports.ts';
import { eventIdOf, type PublishedEvent } from '../../../shared/events/published-event.ts';
import { anId, NOON } from '../../support/messages/message-builders.ts';

const anEvent = (index: number, type: PublishedEventType = 'email.sent'): PublishedEvent => ({
  id: eventIdOf(NOON + index, 'default', String(index)),
  type,
  tenant: 'default',
  createdAt: new Date(NOON + index).toISOString(),
  data: { email_id: anId(NOON, index), subject: `Mail ${index}` },
});

/** A log of one partition and one event a block, a clock that moves as the tail sleeps, and places that are counted. */
function createTailWorld({
  places = 2,
  claims = {},
}: {
  places?: number;
  claims?: Partial<ApiKeyClaims>;
} = {}) {
  const events: PublishedEvent[] = [];
  const world = { now: NOON, untilEpochMs: NOON + 60_000, taken: 0, onSleep: () => {}, isHeld: true };
  const cursorAt = (block: number): LogCursor => ({ block, index: 0 });
  const tail = createTailEvents({
    authenticate: async ({ authorization }) => {
      if (authorization !== 'Bearer good')
        throw new ContractError(403, 'invalid_api_key', 'API key is invalid.');
      return { apiKeyId: 'k', tenant: 'default', permission: 'full_access', ...claims };
    },
    eventLog: {
      async read(_tenant, cursor = cursorAt(1), { maxBlocks }) {
        const from = cursor.block - 1;
        if (from > events.length) throw new CursorError('unknown');
        const shown = events.slice(from, from + maxBlocks);
        return {
          events: shown.map((event, index) => ({ event, after: cursorAt(from + index + 2) })),
          next: cursorAt(from + shown.length + 1),
          hasMore: from + shown.length < events.length,
        };
      },
      end: async () => cursorAt(events.length + 1),
    },
    readCursor: (text) => {
      const block = Number(text);
      if (!Number.isInteger(block)) throw new CursorError('unknown');
      return cursorAt(block);
    },
    writeCursor: ({ block }) => String(block),
    viewerSlots: {
      async claim() {
        if (world.taken >= places) return undefined;
        world.taken += 1;
        return {
          renew: async () => world.isHeld,
          release: async () => {
            world.taken -= 1;
          },
        };
      },
    },
    ids: { next: () => anId() },
    sleep: async (ms) => {
      world.now += ms;
      world.onSleep();
    },
    clock: { nowEpochMs: () => world.now },
  });
  const open = (query: Record<string, string> = {}, headers: Record<string, string> = {}, request = {}) => {
    world.untilEpochMs = world.now + 60_000;
    return tail(
      {
        ...{ method: 'GET', path: '/event-log/stream', query },
        headers: { authorization: 'Bearer good', ...headers },
        ...request,
      },
      () => world.untilEpochMs - world.now,
    );
  };
  return { world, events, open };
}

async function framesOf(frames: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const frame of frames) text += frame;
  return text;
}

const idsIn = (text: string): readonly string[] =>
  [...text.matchAll(/"id":"(msg_\w+)"/g)].map(([, id = '']) => id);

describe('the live tail', () => {
  test('sends what is logged from now on, each event with the cursor behind it', async () => {
    const { world, events, open } = createTailWorld();
    events.push(anEvent(1));
    const { frames, headers } = await open();
    world.onSleep = () => {
      if (events.length < 3) events.push(anEvent(events.length + 1));
    };
    const text = await framesOf(frames);
    assert.equal(headers['content-type'], 'text/event-stream; charset=utf-8');
    assert.deepEqual(idsIn(text), [anEvent(2).id, anEvent(3).id]);
    assert.match(text, /^retry: 2000\n\nid: 3\nevent: email\.sent\ndata: \{/);
  });

  test('goes on behind the last event that a client has, by header before query', async () => {
    const { events, open } = createTailWorld();
    events.push(anEvent(1), anEvent(2), anEvent(3));
    assert.deepEqual(idsIn(await framesOf((await open({ after: '2' })).frames)), [
      anEvent(2).id,
      anEvent(3).id,
    ]);
    const resumed = await open({ after: '1' }, { 'last-event-id': '3' });
    assert.deepEqual(idsIn(await framesOf(resumed.frames)), [anEvent(3).id]);
  });

  test('leaves out events that are not asked for, and moves its cursor past them', async () => {
    const { events, open } = createTailWorld();
    events.push(anEvent(1), anEvent(2, 'email.bounced'), anEvent(3));
    const text = await framesOf((await open({ after: '1', type: 'email.bounced' })).frames);
    assert.deepEqual(idsIn(text), [anEvent(2).id]);
    assert.match(text, /: heartbeat\nid: 4\n\n/);
    const ofOne = await framesOf((await open({ after: '1', email_id: anId(NOON, 3) })).frames);
    assert.deepEqual(idsIn(ofOne), [anEvent(3).id]);
  });

  test('beats every 15 seconds while no event comes, and ends before the function does', async () => {
    const { world, open } = createTailWorld();
    const text = await framesOf((await open()).frames);
    assert.equal(text.match(/: heartbeat/g)?.length, 3);
    assert.ok(world.untilEpochMs - world.now <= 5_000 && world.untilEpochMs - world.now > 4_000);
    assert.equal(world.taken, 0);
  });

  test('lets no more viewers watch than there are places, and gives a place back at any end', async () => {
    const { world, open } = createTailWorld({ places: 1 });
    const first = await open();
    await assert.rejects(open(), ({ problem, headers }: ContractError) => {
      assert.equal(problem.statusCode, 429);
      return headers['retry-after'] === '30';
    });
    for await (const _frame of first.frames) break;
    assert.equal(world.taken, 0);
    await framesOf((await open()).frames);
  });

  test('ends where its place has gone to another viewer', async () => {
    const { world, open } = createTailWorld();
    world.isHeld = false;
    assert.equal((await framesOf((await open()).frames)).includes('heartbeat'), false);
  });

  test('refuses in the contract’s shape, and takes no place for it', async () => {
    const { world, open } = createTailWorld();
    const restricted = createTailWorld({ claims: { permission: 'sending_access' } });
    const refusals: [Promise<unknown>, number, string][] = [
      [open({}, { authorization: 'Bearer bad' }), 403, 'invalid_api_key'],
      [restricted.open(), 401, 'restricted_api_key'],
      [open({ type: 'email.exploded' }), 422, 'validation_error'],
      [open({ type: '' }), 422, 'validation_error'],
      [open({ email_id: 'x' }), 422, 'invalid_parameter'],
      [open({ after: 'x' }), 422, 'validation_error'],
      [open({}, { 'last-event-id': '99' }), 422, 'validation_error'],
      [open({}, {}, { method: 'POST' }), 405, 'method_not_allowed'],
      [open({}, {}, { path: '/event-log/streams' }), 404, 'not_found'],
    ];
    for (const [refused, status, name] of refusals)
      await assert.rejects(refused, ({ problem }: ContractError) => {
        assert.deepEqual([problem.statusCode, problem.name], [status, name]);
        return true;
      });
    assert.equal(world.taken, 0);
  });
});
