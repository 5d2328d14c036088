import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aMessage, NOON } from '../../../support/messages/message-builders.ts';
import { aStream, buildStreams } from '../../../support/streams/stream-builders.ts';
import { anAcceptWorld, aSendObject } from '../../../support/submission/accept-world.ts';

const MB = 1024 * 1024;
const pdf = { filename: 'a.pdf', content: Buffer.from('%PDF').toString('base64') };
const FILE_URL = 'https://files.example.org/a%20b.pdf?x=1';
const KEEPS_NOTHING = { streams: buildStreams([aStream({ keepDays: 0 })]) };

/** The queue, and the content of so many mails that would stand in for it. */
function failBoth(world: ReturnType<typeof anAcceptWorld>, mails = 1): void {
  world.trouble('enqueue', 'not-done');
  world.trouble('putContent', ...Array.from({ length: mails }, () => 'not-done' as const));
}

describe('a single mail', () => {
  test('a single mail is stored and queued with one row, one content item and one queue message', async () => {
    const world = anAcceptWorld();
    const answer = await world.post(aSendObject({ cc: [], tags: [{ name: 'kind', value: 'receipt' }] }));

    assert.equal(answer.status, 200);
    assert.deepEqual(Object.keys(answer.body), ['id']);
    assert.deepEqual(world.calls, ['putContent', 'putMessageIfAbsent', 'enqueue']);
    const row = world.rows.get(answer.body.id);
    assert.deepEqual([row?.status, row?.attempt, row?.to], ['accepted', 0, ['reader@example.org']]);
    assert.deepEqual(row?.tags, [{ name: 'kind', value: 'receipt' }]);
    assert.equal(world.sendJobs[0]?.messageId, answer.body.id);
    assert.equal(world.sendJobs[0]?.content.kind, 'inline');
  });

  test('a mail derives its text from html unless one is given or opted out of', async () => {
    const world = anAcceptWorld();
    const textOf = async (overrides: Record<string, unknown>) => {
      const { body } = await world.post(aSendObject(overrides));
      return world.contents.get(body.id)?.text;
    };
    assert.equal(await textOf({}), 'Hi there');
    assert.equal(await textOf({ text: null }), 'Hi there');
    assert.equal(await textOf({ text: 'Own' }), 'Own');
    assert.equal(await textOf({ text: '' }), undefined);
    assert.equal(await textOf({ html: '<img>' }), undefined);
  });

  test('a mail keeps no content where none is to be kept, and its row says so', async () => {
    const world = anAcceptWorld({ settings: { streams: buildStreams([aStream({ keepDays: 0 })]) } });
    const { body } = await world.post(aSendObject());
    assert.deepEqual(world.calls, ['putMessageIfAbsent', 'enqueue']);
    assert.equal(world.rows.get(body.id)?.contentKeptUntilEpochSeconds, undefined);
  });

  test('a large mail travels through the bucket', async () => {
    const world = anAcceptWorld();
    const html = Array.from({ length: 20_000 }, (_, n) => `<p>${(n * 7919) % 104_729}</p>`).join('');
    const { body } = await world.post(aSendObject({ html, text: '' }));
    assert.deepEqual([...world.objects.keys()], [`content/${body.id}`]);
    assert.deepEqual(world.sendJobs[0]?.content, { kind: 'object', objectKey: `content/${body.id}` });
    assert.equal(world.contents.size, 0);
  });

  test('a mail stores its attachments as objects, in each of the three shapes they may have', async () => {
    const world = anAcceptWorld();
    const bytes = [37, 80, 68, 70];
    const attachments = [
      { ...pdf, content_id: 'logo' },
      { filename: 'b.pdf', content: { type: 'Buffer', data: bytes } },
      { filename: 'c.bin', content: bytes, contentType: 'x/y' },
    ];
    const { body } = await world.post(aSendObject({ attachments }));
    assert.deepEqual(
      [...world.objects.values()].map((each) => Buffer.from(each).toString()),
      Array(3).fill('%PDF'),
    );
    const kept = world.contents.get(body.id)?.attachments ?? [];
    assert.deepEqual(
      kept.map(({ contentType }) => contentType),
      ['application/pdf', 'application/pdf', 'x/y'],
    );
    assert.equal(kept[0]?.contentId, 'logo');
    assert.ok(kept.every(({ objectKey }) => objectKey.startsWith(`attachments/${body.id}/`)));
  });

  test('a mail with a file to be fetched goes to the attachment queue', async () => {
    const world = anAcceptWorld();
    const attachments = [pdf, { path: FILE_URL }];
    const { body } = await world.post(aSendObject({ attachments }));
    assert.equal(world.sendJobs.length, 0);
    const [job] = world.fetchJobs;
    assert.equal(job?.job.messageId, body.id);
    const [uploaded, fetched] = job?.attachments ?? [];
    assert.deepEqual([uploaded?.url, typeof uploaded?.sizeBytes], [undefined, 'number']);
    assert.deepEqual(
      [fetched?.filename, fetched?.url],
      ['a b.pdf', 'https://files.example.org/a%20b.pdf?x=1'],
    );
    assert.ok(fetched?.objectKey.startsWith(`fetched/${body.id}/`));
  });

  test('a mail takes the stream and tenant of its key', async () => {
    const world = anAcceptWorld({ claims: { tenant: 'acme', stream: 'broadcast' } });
    const { body } = await world.post(aSendObject());
    assert.deepEqual(
      [world.rows.get(body.id)?.tenant, world.rows.get(body.id)?.stream],
      ['acme', 'broadcast'],
    );
  });

  test('ignores fields that it does not know, and reads null and empty as absent', async () => {
    const world = anAcceptWorld();
    const answer = await world.post(
      aSendObject({
        id: 'x',
        cc: null,
        bcc: '',
        reply_to: 'support@example.com',
        scheduled_at: '',
        template: null,
      }),
    );
    assert.equal(answer.status, 200);
    assert.deepEqual(world.rows.get(answer.body.id)?.replyTo, ['support@example.com']);
  });
});

describe('failures', () => {
  test('a failure of the content or the row is a 503 with Retry-After, and nothing is queued', async () => {
    for (const operation of ['putContent', 'putMessageIfAbsent'] as const) {
      const world = anAcceptWorld();
      world.trouble(operation, 'not-done');
      const answer = await world.post(aSendObject(), { 'idempotency-key': 'k' });
      assert.deepEqual([answer.status, answer.body.name], [503, 'application_error']);
      assert.ok(Number((answer as { headers?: Record<string, string> }).headers?.['retry-after']) > 0);
      assert.deepEqual([world.rows.size, world.sendJobs.length, world.records.size], [0, 0, 0]);
    }
  });

  test('a put whose reply alone was lost is found out by a fence that comes too late', async () => {
    const world = anAcceptWorld();
    world.trouble('putMessageIfAbsent', 'reply-lost');
    assert.equal((await world.post(aSendObject())).status, 200);
    assert.equal(world.sendJobs.length, 1);
  });

  test('a failure that leaves it open whether the row is stored is a 500, never a 503', async () => {
    const world = anAcceptWorld();
    world.trouble('putMessageIfAbsent', 'reply-lost');
    world.trouble('fence', 'not-done');
    const answer = await world.post(aSendObject());
    assert.deepEqual([answer.status, answer.body.name], [500, 'internal_server_error']);
  });

  test('a failed put that is still under way keeps its mail out for good', async () => {
    const world = anAcceptWorld();
    world.trouble('putMessageIfAbsent', 'not-done');
    assert.equal((await world.post(aSendObject())).status, 503);
    assert.equal(world.fences.size, 1);
    const [messageId = ''] = world.fences;
    await world.messages.putMessageIfAbsent(aMessage({ messageId }));
    assert.equal(world.rows.size, 0);
  });

  test('a failure of the queue is a 200: the row and its content are there for sweep', async () => {
    for (const keepDays of [0, 30]) {
      const world = anAcceptWorld({ settings: { streams: buildStreams([aStream({ keepDays })]) } });
      world.trouble('enqueue', 'not-done');
      const answer = await world.post(aSendObject());
      assert.equal(answer.status, 200);
      assert.ok(world.rows.has(answer.body.id));
      assert.ok(world.contents.has(answer.body.id));
    }
  });

  test('a mail that is left to sweep is logged with the reason, alone, in a batch and with a due row', async () => {
    const inAnHour = new Date(NOON + 3_600_000).toISOString();
    for (const operation of ['enqueue', 'enqueueFetch', 'putDueRows'] as const) {
      const world = anAcceptWorld();
      world.trouble(operation, 'not-done');
      if (operation === 'enqueue') await world.postBatch([aSendObject(), aSendObject()]);
      if (operation === 'enqueueFetch') await world.post(aSendObject({ attachments: [{ path: FILE_URL }] }));
      if (operation === 'putDueRows') await world.post(aSendObject({ scheduled_at: inAnHour }));
      assert.deepEqual(
        world.lines.map(({ event, error }) => [event, String(error)]),
        Array.from({ length: operation === 'enqueue' ? 2 : 1 }, () => [
          'left_to_sweep',
          `Error: ${operation} was not done`,
        ]),
      );
    }
  });

  describe('of the queue and the content where none is kept', () => {
    const headers = { 'idempotency-key': 'k' };
    const aWorldWhereBothFail = (mails = 1) => {
      const world = anAcceptWorld({ settings: KEEPS_NOTHING });
      failBoth(world, mails);
      return world;
    };

    test('a failure of queue and content where none is kept takes the mail back (503) for good', async () => {
      const world = aWorldWhereBothFail();
      assert.equal((await world.post(aSendObject())).status, 503);
      assert.deepEqual([world.rows.size, world.fences.size], [0, 1]);
    });

    test('a failure of queue and content takes the whole of a batch back where none is kept', async () => {
      const world = aWorldWhereBothFail(2);
      assert.equal((await world.postBatch([aSendObject(), aSendObject()])).status, 503);
      assert.deepEqual([world.rows.size, world.fences.size], [0, 2]);
    });

    test('a failure of queue and content is a 500 where a part of a batch goes out', async () => {
      const world = aWorldWhereBothFail();
      assert.equal((await world.postBatch([aSendObject(), aSendObject()])).status, 500);
      assert.deepEqual([world.rows.size, world.contents.size], [2, 1]);
    });

    test('a mail that is being sent is a 200 where only the reply of the queue was lost', async () => {
      const world = anAcceptWorld({ settings: KEEPS_NOTHING });
      world.trouble('enqueue', 'reply-lost');
      world.trouble('putContent', 'not-done');
      world.onCall('putContent', () => world.claimAll());
      assert.equal((await world.post(aSendObject())).status, 200);
      assert.deepEqual([world.rows.size, world.fences.size], [1, 0]);
    });

    test('a failure of queue and content is a 500 where the mail cannot be taken back', async () => {
      const world = aWorldWhereBothFail();
      world.trouble('fence', 'not-done');
      assert.equal((await world.post(aSendObject())).status, 500);
    });

    test('a failure of queue and content is a 500 with an idempotency key, and its repeat queues the mail', async () => {
      const world = aWorldWhereBothFail();
      assert.equal((await world.post(aSendObject(), headers)).status, 500);
      assert.equal((await world.post(aSendObject(), headers)).status, 200);
      assert.deepEqual([world.rows.size, world.sendJobs.length], [1, 1]);
    });
  });

  test('a failure of the idempotency record is a 503', async () => {
    const world = anAcceptWorld();
    world.trouble('putIdempotencyRecordIfAbsent', 'not-done');
    const answer = await world.post(aSendObject(), { 'idempotency-key': 'k' });
    assert.equal(answer.status, 503);
    assert.ok(world.isEmpty());
  });
});

describe('an idempotency key', () => {
  const headers = { 'idempotency-key': 'order-42' };

  test('an idempotency key answers a repeat as before and stores nothing again', async () => {
    const world = anAcceptWorld();
    const first = await world.post(aSendObject(), headers);
    assert.deepEqual((await world.post(aSendObject(), headers)).body, first.body);
    assert.deepEqual([world.rows.size, world.sendJobs.length], [1, 1]);
  });

  test('an idempotency key refuses another payload, on the other route too', async () => {
    const world = anAcceptWorld();
    await world.post(aSendObject(), headers);
    const answers = [
      await world.post(aSendObject({ subject: 'Other' }), headers),
      await world.postBatch([aSendObject()], headers),
    ];
    for (const { status, body } of answers) {
      assert.deepEqual([status, body.name], [409, 'invalid_idempotent_request']);
    }
  });

  test('an idempotency key is free again after 24 hours', async () => {
    const world = anAcceptWorld();
    const first = await world.post(aSendObject(), headers);
    world.time.nowEpochMs += 24 * 3_600_000;
    assert.notDeepEqual((await world.post(aSendObject(), headers)).body, first.body);
  });

  test('the key of a dead request is in flight for a minute, then one repeat starts anew', async () => {
    const world = anAcceptWorld();
    world.trouble('putMessageIfAbsent', 'not-done');
    world.trouble('fence', 'not-done');
    assert.equal((await world.post(aSendObject(), headers)).status, 500);

    const early = await world.post(aSendObject(), headers);
    assert.deepEqual([early.status, early.body.name], [409, 'concurrent_idempotent_requests']);
    const dead = world.records.get('default#order-42')?.messageIds[0] ?? '';
    world.time.nowEpochMs += 60_000;
    const answers = await Promise.all([1, 2, 3].map(() => world.post(aSendObject(), headers)));
    const [late, ...others] = answers.toSorted((one, other) => one.status - other.status);
    assert.deepEqual([late?.status, ...others.map(({ status }) => status)], [200, 409, 409]);
    assert.equal(late?.body.id, world.records.get('default#order-42')?.messageIds[0]);
    assert.notEqual(late?.body.id, dead);
    assert.ok(world.fences.has(dead));
    assert.equal(world.rows.size, 1);
  });

  test('a repeat is a 503 while the stored row cannot be read, and is then answered as before', async () => {
    const world = anAcceptWorld();
    const first = await world.post(aSendObject(), headers);
    world.trouble('getMessage', 'not-done');
    assert.equal((await world.post(aSendObject(), headers)).status, 503);
    assert.deepEqual((await world.post(aSendObject(), headers)).body, first.body);
  });

  test('a key that may have been written without a reply is free for the repeat', async () => {
    const world = anAcceptWorld();
    world.trouble('putIdempotencyRecordIfAbsent', 'reply-lost');
    assert.equal((await world.post(aSendObject(), headers)).status, 503);
    assert.equal((await world.post(aSendObject(), headers)).status, 200);
    assert.equal(world.rows.size, 1);
  });

  describe('of a mail whose content is nowhere but in the queue', () => {
    const loseJobs = (world: ReturnType<typeof anAcceptWorld>) => world.sendJobs.splice(0);

    test('a repeat queues a never attempted mail again whose content is in the queue alone', async () => {
      const world = anAcceptWorld({ settings: KEEPS_NOTHING });
      const attachments = [pdf];
      const first = await world.post(aSendObject({ attachments }), headers);
      loseJobs(world);
      assert.deepEqual((await world.post(aSendObject({ attachments }), headers)).body, first.body);
      const [job] = world.sendJobs;
      assert.equal(job?.messageId, first.body.id);
      assert.ok(job?.content.kind === 'inline' && job.content.content.html === '<p>Hi there</p>');
      assert.ok(world.objects.has(job.content.content.attachments[0]?.objectKey ?? ''));
    });

    test('a repeat leaves alone a mail that was attempted', async () => {
      const world = anAcceptWorld({ settings: KEEPS_NOTHING });
      await world.post(aSendObject(), headers);
      loseJobs(world);
      world.claimAll();
      assert.equal((await world.post(aSendObject(), headers)).status, 200);
      assert.equal(world.sendJobs.length, 0);
    });

    test('a repeat queues the mails of a batch that were never attempted, each with its own content', async () => {
      const world = anAcceptWorld({ settings: KEEPS_NOTHING });
      const items = [aSendObject({ html: '<p>1</p>' }), { to: 'nobody' }, aSendObject({ html: '<p>2</p>' })];
      const permissive = { ...headers, 'x-batch-validation': 'permissive' };
      const { body } = await world.postBatch(items, permissive);
      loseJobs(world);
      const [one = { id: '' }, two = { id: '' }]: { id: string }[] = body.data;
      world.claim(one.id);
      assert.deepEqual((await world.postBatch(items, permissive)).body, body);
      const [job, ...more] = world.sendJobs;
      assert.deepEqual([job?.messageId, more.length], [two.id, 0]);
      assert.ok(job?.content.kind === 'inline' && job.content.content.html === '<p>2</p>');
    });

    test('a repeat mixes up nothing where other items of a batch are good by now', async () => {
      const verified = new Set(['example.com']);
      const find = async (_tenant: string, name: string) => (verified.has(name) ? { name } : undefined);
      const world = anAcceptWorld({ settings: KEEPS_NOTHING, sendingDomains: { find } });
      const items = [aSendObject({ from: 'a@example.net' }), aSendObject()];
      const permissive = { ...headers, 'x-batch-validation': 'permissive' };
      const first = await world.postBatch(items, permissive);
      loseJobs(world);
      verified.clear();
      verified.add('example.net');
      assert.deepEqual((await world.postBatch(items, permissive)).body, first.body);
      assert.equal(world.sendJobs.length, 0);
    });

    test('a repeat is a 500 where the mail cannot be queued again either', async () => {
      const world = anAcceptWorld({ settings: KEEPS_NOTHING });
      await world.post(aSendObject(), headers);
      failBoth(world);
      assert.equal((await world.post(aSendObject(), headers)).status, 500);
      assert.deepEqual([world.rows.size, world.fences.size, world.records.size], [1, 0, 1]);
    });
  });

  test('the key of a batch without a good item is remembered too', async () => {
    const world = anAcceptWorld();
    const permissive = { ...headers, 'x-batch-validation': 'permissive' };
    const first = await world.postBatch([{}], permissive);
    assert.equal(first.status, 200);
    assert.deepEqual(await world.postBatch([{}], permissive), first);
    const other = await world.postBatch([{}, {}], permissive);
    assert.deepEqual([other.status, other.body.name], [409, 'invalid_idempotent_request']);
    assert.equal((await world.post(aSendObject(), headers)).status, 409);
    assert.equal(world.rows.size, 0);
  });

  test('the key of a batch that died starts it anew, once the old one is fenced off', async () => {
    const world = anAcceptWorld();
    world.trouble('endBatch', 'not-done', 'not-done');
    assert.equal((await world.postBatch([aSendObject()], headers)).status, 500);
    const oldBatch = world.records.get('default#order-42')?.batchId ?? '';
    world.time.nowEpochMs += 60_000;
    const again = await world.postBatch([aSendObject()], headers);
    assert.equal(again.status, 200);
    assert.equal(world.batches.get(oldBatch), 'aborted');
    assert.equal(world.sendJobs.length, 1);
    assert.equal(world.sendJobs[0]?.messageId, again.body.data[0].id);
  });

  test('two repeats at once are answered alike and store nothing again', async () => {
    const world = anAcceptWorld();
    assert.equal((await world.post(aSendObject(), headers)).status, 200);
    const both = await Promise.all([world.post(aSendObject(), headers), world.post(aSendObject(), headers)]);
    assert.ok(both.every(({ status }) => status === 200));
    assert.equal(world.rows.size, 1);
  });

  test('an idempotency key has 1 to 256 characters', async () => {
    const world = anAcceptWorld();
    for (const key of ['', 'k'.repeat(257)]) {
      const { status, body } = await world.post(aSendObject(), { 'idempotency-key': key });
      assert.deepEqual([status, body.name], [400, 'invalid_idempotency_key']);
    }
    assert.equal((await world.post(aSendObject(), { 'idempotency-key': 'k'.repeat(256) })).status, 200);
  });
});

describe('a batch', () => {
  const batchOf = (count: number) =>
    Array.from({ length: count }, (_, n) => aSendObject({ subject: `Mail ${n}` }));

  test('a batch is committed after its rows and queued after its commit', async () => {
    const world = anAcceptWorld();
    const answer = await world.postBatch(batchOf(100));
    assert.equal(answer.status, 200);
    assert.deepEqual(Object.keys(answer.body), ['data']);
    assert.deepEqual(
      answer.body.data.map(({ id }: { id: string }) => world.rows.get(id)?.subject),
      batchOf(100).map(({ subject }) => subject),
    );
    assert.equal(world.sendJobs.length, 100);
    assert.deepEqual([...new Set(world.calls)], ['putContent', 'putMessageIfAbsent', 'endBatch', 'enqueue']);
    assert.deepEqual([...world.batches.values()], ['committed']);
    assert.equal(new Set([...world.rows.values()].map(({ batchId }) => batchId)).size, 1);
  });

  test('a strict batch with one bad item stores nothing', async () => {
    const world = anAcceptWorld();
    for (const headers of [{}, { 'x-batch-validation': 'strict' }] as Record<string, string>[]) {
      const answer = await world.postBatch([...batchOf(2), aSendObject({ to: 'nobody' })], headers);
      assert.deepEqual([answer.status, answer.body.name], [422, 'validation_error']);
    }
    assert.ok(world.isEmpty());
  });

  test('a permissive batch takes the good items and tells the bad ones', async () => {
    const world = anAcceptWorld();
    const items = [
      aSendObject(),
      aSendObject({ to: 'nobody' }),
      aSendObject(),
      aSendObject({ from: 'a@example.net' }),
    ];
    const { status, body } = await world.postBatch(items, { 'x-batch-validation': 'permissive' });
    assert.equal(status, 200);
    assert.equal(body.data.length, 2);
    assert.deepEqual(
      body.errors.map(({ index }: { index: number }) => index),
      [1, 3],
    );
    assert.equal(world.rows.size, 2);
  });

  test('a permissive batch without a good item stores nothing and is a 200 of errors', async () => {
    const world = anAcceptWorld();
    const { status, body } = await world.postBatch([{}], { 'x-batch-validation': 'permissive' });
    assert.deepEqual(
      [status, body],
      [200, { data: [], errors: [{ index: 0, message: 'Missing `from` field.' }] }],
    );
    assert.ok(world.isEmpty());
  });

  test('a batch is aborted and its rows removed when one row cannot be put', async () => {
    const world = anAcceptWorld();
    world.trouble('putMessageIfAbsent', 'reply-lost', 'not-done');
    const answer = await world.postBatch(batchOf(5), { 'idempotency-key': 'k' });
    assert.equal(answer.status, 503);
    assert.deepEqual([...world.batches.values()], ['aborted']);
    assert.deepEqual([world.rows.size, world.sendJobs.length, world.records.size], [0, 0, 0]);
  });

  test('a batch whose commit went unanswered is what its record says', async () => {
    const committed = anAcceptWorld();
    committed.trouble('endBatch', 'reply-lost');
    assert.equal((await committed.postBatch(batchOf(2))).status, 200);
    assert.equal(committed.sendJobs.length, 2);

    const aborted = anAcceptWorld();
    aborted.trouble('endBatch', 'not-done');
    assert.equal((await aborted.postBatch(batchOf(2))).status, 503);
    assert.equal(aborted.rows.size, 0);

    const unknown = anAcceptWorld();
    unknown.trouble('endBatch', 'not-done', 'not-done');
    assert.equal((await unknown.postBatch(batchOf(2))).status, 500);
    assert.equal(unknown.sendJobs.length, 0);
  });

  test('a batch that cannot be queued is a 200', async () => {
    const world = anAcceptWorld();
    world.trouble('enqueue', 'not-done');
    assert.equal((await world.postBatch(batchOf(3))).status, 200);
    assert.deepEqual([world.rows.size, world.contents.size], [3, 3]);
  });
});

test('an attachment of several megabytes is accepted', async () => {
  const world = anAcceptWorld();
  const content = Buffer.alloc(4 * MB, 7).toString('base64');
  assert.equal(
    (await world.post(aSendObject({ attachments: [{ filename: 'big.bin', content }] }))).status,
    200,
  );
});
