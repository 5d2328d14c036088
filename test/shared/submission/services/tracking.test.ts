import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aStream, buildStreams } from '../../../support/streams/stream-builders.ts';
import { anAcceptWorld, aSendObject } from '../../../support/submission/accept-world.ts';

const news = aStream({ name: 'news', tracking: { opens: true, clicks: false } });
const settings = { streams: buildStreams([aStream(), news]) };
const both = { opens: true, clicks: true };

const aDomain = (tracking?: { opens: boolean; clicks: boolean }) => ({
  find: async (_tenant: string, name: string) => ({ name, ...(tracking && { tracking }) }),
});

async function storedOf(fields: Record<string, unknown>, sendingDomains = aDomain()) {
  const world = anAcceptWorld({ settings, sendingDomains });
  const { status, body } = await world.post(aSendObject(fields));
  assert.equal(status, 200, JSON.stringify(body));
  return world.rows.get(body.id);
}

describe('tracking of a mail that is accepted', () => {
  test('tracking is on the row of a mail that says something about it, whole', async () => {
    const stored = async (tracking: unknown) => (await storedOf({ stream: 'news', tracking }))?.tracking;
    assert.deepEqual(await stored({ clicks: true }), both);
    assert.deepEqual(await stored({ opens: false }), { opens: false, clicks: false });
    assert.deepEqual(await stored({ opens: false, clicks: true }), { opens: false, clicks: true });
  });

  test('tracking is not on the row of a mail that says nothing about it', async () => {
    for (const tracking of [undefined, null, {}, { opens: null }]) {
      const row = await storedOf({ stream: 'news', tracking });
      assert.ok(row !== undefined && !('tracking' in row), JSON.stringify(tracking));
    }
  });

  test('tracking is that of the domain where the stream may track and the mail says nothing', async () => {
    const fromTracked = (fields: Record<string, unknown>) => storedOf(fields, aDomain(both));
    assert.deepEqual((await fromTracked({ stream: 'news' }))?.tracking, both);
    assert.deepEqual((await fromTracked({ stream: 'news', tracking: { clicks: false } }))?.tracking, {
      ...{ opens: true, clicks: false },
    });
    assert.equal((await fromTracked({ stream: 'transactional' }))?.tracking, undefined);
  });

  test('a mail may refuse tracking on any stream', async () => {
    const row = await storedOf({ tracking: { opens: false } });
    assert.deepEqual(row?.tracking, { opens: false, clicks: false });
  });

  test('a mail that asks for tracking on a stream that never tracks is refused with what to do', async () => {
    for (const tracking of [{ opens: true }, { clicks: true }, both, { opens: false, clicks: true }]) {
      const world = anAcceptWorld({ settings });
      const { status, body } = await world.post(aSendObject({ tracking }));
      assert.deepEqual([status, body.name], [422, 'validation_error']);
      assert.match(
        body.message,
        /`tracking` field.*stream `transactional`.*`tracking: \{\}`.*postlane\.config\.ts/,
      );
      assert.ok(world.isEmpty());
    }
  });

  const wrong: readonly [unknown, RegExp][] = [
    [true, /`tracking` field must be an object with `opens`, `clicks` or both/],
    ['opens', /`tracking` field must be an object/],
    [[], /`tracking` field must be an object/],
    [{ open: false }, /`tracking` field must be an object with `opens`, `clicks` or both/],
    [{ opens: 'no' }, /`tracking` field must have true or false as `opens`/],
    [{ clicks: 0 }, /`tracking` field must have true or false as `clicks`/],
  ];
  for (const [tracking, message] of wrong)
    test(`tracking is a 422 where it is ${JSON.stringify(tracking)}, alone and in a batch`, async () => {
      const world = anAcceptWorld({ settings });
      const mail = aSendObject({ stream: 'news', tracking });
      for (const { status, body } of [await world.post(mail), await world.postBatch([mail])]) {
        assert.deepEqual([status, body.name], [422, 'validation_error']);
        assert.match(body.message, message);
      }
      assert.ok(world.isEmpty());
    });

  test('each mail of a batch has its own tracking', async () => {
    const world = anAcceptWorld({ settings });
    const mails = [{ clicks: true }, undefined].map((tracking) => aSendObject({ stream: 'news', tracking }));
    const { body } = await world.postBatch(mails);
    const stored = body.data.map(({ id }: { id: string }) => world.rows.get(id)?.tracking);
    assert.deepEqual(stored, [both, undefined]);
  });

  test('tracking asks nothing more of any store', async () => {
    const plain = anAcceptWorld({ settings });
    await plain.post(aSendObject());
    const tracked = anAcceptWorld({ settings, sendingDomains: aDomain(both) });
    await tracked.post(aSendObject({ stream: 'news', tracking: { opens: true } }));
    assert.deepEqual(tracked.calls, plain.calls);
  });
});
