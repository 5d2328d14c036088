import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { MessageContent } from '../../../../shared/mail/mail-content.ts';
import { encodeContent } from '../../../../shared/messages/contract/message-content.ts';
import { jobOf } from '../../../../shared/messages/contract/send-work.ts';
import type { DeliveryStatus, Message } from '../../../../shared/messages/message.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { type ControlWorld, startControlWorld } from '../../../support/control-api/control-world.ts';
import { aMessage, anId, NOON } from '../../../support/messages/message-builders.ts';
import { emptyContent } from '../../../support/messages/sweep-world.ts';

const HOUR_MS = 3_600_000;
const DAY_SECONDS = 86_400;
const ID = anId();

describe('a scheduled email', () => {
  let stop: () => Promise<void>;
  let world: ControlWorld;
  let token: string;

  before(async () => {
    const dynalite = await startDynalite();
    world = await startControlWorld(dynalite.client);
    token = await world.key();
    stop = async () => {
      await world.stop();
      await dynalite.stop();
    };
  });
  after(() => stop());
  beforeEach(() => {
    world.timelines.clear();
    world.contents.clear();
    world.objects.clear();
    world.queued.length = 0;
    world.dueRows.length = 0;
  });

  function put(
    overrides: Partial<Message> = {},
    content: MessageContent | undefined = emptyContent(),
  ): Message {
    const message = aMessage({ status: 'scheduled', scheduledAtEpochMs: NOON + HOUR_MS, ...overrides });
    world.put(message, content);
    return message;
  }
  const rowOf = (id = ID) => world.timelines.get(id)?.message;
  const patch = (scheduled_at: unknown, id = ID, bearer = token) =>
    world.request('PATCH', `/emails/${id}`, bearer, { scheduled_at });
  const cancel = (id = ID, bearer = token) => world.request('POST', `/emails/${id}/cancel`, bearer, '');

  describe('is shown', () => {
    test('a scheduled email is shown with its time, as scheduled and then as canceled', async () => {
      put();
      const shown = async () => (await world.request('GET', `/emails/${ID}`, token)).body;
      const { last_event, scheduled_at } = await shown();
      assert.deepEqual([last_event, scheduled_at], ['scheduled', '2026-11-23T13:00:00.000Z']);
      await cancel();
      assert.equal((await shown()).last_event, 'canceled');
      const { data } = (await world.request('GET', '/emails', token)).body;
      assert.deepEqual(
        data.map((item: Record<string, unknown>) => [item.last_event, item.scheduled_at]),
        [['canceled', '2026-11-23T13:00:00.000Z']],
      );
    });
  });

  describe('PATCH /emails/{id}', () => {
    test('a PATCH moves a scheduled email: a due row first, then the row and what is kept with it', async () => {
      const message = put();
      const answer = await patch('in 10 days');
      assert.deepEqual([answer.status, answer.body], [200, { object: 'email', id: ID }]);
      const moved = { ...message, scheduledAtEpochMs: NOON + 240 * HOUR_MS };
      assert.deepEqual(world.dueRows, [
        {
          dueEpochMs: NOON + 240 * HOUR_MS,
          work: { queue: 'send', job: jobOf(moved, { kind: 'table' }) },
        },
      ]);
      const due = NOON / 1000 + 10 * DAY_SECONDS;
      const { status, scheduledAtEpochMs, expiresAtEpochSeconds, contentKeptUntilEpochSeconds } =
        rowOf() ?? {};
      assert.deepEqual(
        [status, scheduledAtEpochMs, expiresAtEpochSeconds, contentKeptUntilEpochSeconds],
        ['scheduled', due * 1000, due + 30 * DAY_SECONDS, due + 30 * DAY_SECONDS],
      );
      assert.deepEqual(world.queued, []);
    });

    test('a PATCH to within 15 minutes queues the email too', async () => {
      put();
      await patch('in 5 minutes');
      assert.deepEqual(
        world.queued.map(({ queue, delaySeconds }) => [queue, delaySeconds]),
        [['send', 300]],
      );
      await patch(new Date(NOON - 30_000).toISOString());
      assert.equal(world.queued[1]?.delaySeconds, 0);
      assert.equal(rowOf()?.scheduledAtEpochMs, NOON);
    });

    test('a PATCH has the files of a scheduled email fetched anew', async () => {
      const url = 'https://files.example/a.pdf';
      const file = {
        attachmentId: 'a',
        filename: 'a.pdf',
        contentType: 'application/pdf',
        objectKey: 'fetched/a',
      };
      put({}, emptyContent({ attachments: [{ ...file, url }] }));
      await patch('in 5 minutes');
      assert.deepEqual(
        world.queued.map(({ queue, delaySeconds }) => [queue, delaySeconds]),
        [['fetch', undefined]],
      );
    });

    test('a PATCH begins objects anew where they would end before the new time', async () => {
      const objectKey = `scheduled/${ID}/file`;
      const file = { attachmentId: 'a', filename: 'a.txt', contentType: 'text/plain', objectKey };
      const message = put();
      world.contents.delete(ID);
      world.objects.set(`scheduled/${ID}`, encodeContent(emptyContent({ attachments: [file] })));
      world.objects.set(objectKey, Buffer.from('hi'));
      const puts: string[] = [];
      const set = world.objects.set.bind(world.objects);
      world.objects.set = (key, bytes) => {
        puts.push(key);
        return set(key, bytes);
      };
      try {
        await patch('in 29 days');
        assert.deepEqual(puts, []);
        world.time.nowEpochMs += 5 * DAY_SECONDS * 1000;
        world.put({ ...message, expiresAtEpochSeconds: NOON / 1000 + 90 * DAY_SECONDS });
        await patch('in 29 days');
        assert.deepEqual(puts.sort(), [`scheduled/${ID}`, objectKey]);
      } finally {
        world.objects.set = set;
        world.time.nowEpochMs = NOON;
      }
    });

    test('a PATCH of a scheduled email needs a time, and one that can be', async () => {
      put();
      const table = [
        [undefined, 'missing_required_field', /Missing `scheduled_at` field/],
        [null, 'missing_required_field', /Missing/],
        ['', 'missing_required_field', /Missing/],
        [7, 'validation_error', /must be a string/],
        ['whenever', 'validation_error', /must be a time/],
        ['yesterday', 'validation_error', /in the past/],
        ['in 31 days', 'validation_error', /more than 30 days ahead/],
      ] as const;
      for (const [value, name, message] of table) {
        const { status, body } = await patch(value);
        assert.deepEqual([status, body.name], [422, name]);
        assert.match(body.message, message);
      }
      assert.deepEqual([world.dueRows, rowOf()?.scheduledAtEpochMs], [[], NOON + HOUR_MS]);
    });
  });

  describe('POST /emails/{id}/cancel', () => {
    test('a cancel takes a scheduled email back, and answers a repeat the same', async () => {
      put();
      for (let times = 0; times < 2; times += 1) {
        const { status, body } = await cancel();
        assert.deepEqual([status, body], [200, { object: 'email', id: ID }]);
      }
      assert.equal(rowOf()?.status, 'canceled');
    });

    test('a cancel of a scheduled email is final', async () => {
      put();
      await cancel();
      const { status, body } = await patch('in 2 hours');
      assert.deepEqual([status, body.name], [422, 'validation_error']);
      assert.equal(body.message, 'This email was canceled and can no longer be rescheduled.');
      assert.equal(rowOf()?.status, 'canceled');
    });
  });

  describe('that is none (any more)', () => {
    const gone: readonly DeliveryStatus[] = [
      'accepted',
      'sending',
      'unknown',
      'sent',
      'suppressed',
      'failed',
    ];
    for (const status of gone)
      test(`an email is refused either change while it is ${status}`, async () => {
        put({ status, attempt: 1 });
        const answers = [await cancel(), await patch('in 2 hours')];
        assert.deepEqual(
          answers.map(({ body }) => [body.statusCode, body.name, body.message]),
          [
            [422, 'validation_error', 'This email was already sent and can no longer be canceled.'],
            [422, 'validation_error', 'This email was already sent and can no longer be rescheduled.'],
          ],
        );
        assert.deepEqual([rowOf()?.status, world.dueRows], [status, []]);
      });

    test('an email that never was scheduled is refused either change', async () => {
      world.put(aMessage());
      assert.equal((await cancel()).body.message, 'Only scheduled emails can be canceled.');
      assert.equal((await patch('in 1 hour')).body.message, 'Only scheduled emails can be rescheduled.');
    });
  });

  describe('of somebody else, or of nobody,', () => {
    test('a scheduled email of another tenant, or an unknown one, is not found', async () => {
      put();
      const stranger = await world.key({ tenant: 'other' });
      const answers = [
        await cancel(ID, stranger),
        await patch('in 2 hours', ID, stranger),
        await cancel(anId(NOON, 9)),
        await patch('in 2 hours', anId(NOON, 9)),
        await cancel('4ef9a417-02e9-4d39-ad75-9611e0fcc33c'),
      ];
      for (const { status, body } of answers) {
        assert.deepEqual([status, body.name, body.message], [404, 'not_found', 'Email not found']);
      }
      assert.deepEqual([rowOf()?.status, rowOf()?.scheduledAtEpochMs], ['scheduled', NOON + HOUR_MS]);
    });

    test('a scheduled email is not found where it has expired', async () => {
      put({ expiresAtEpochSeconds: NOON / 1000 });
      assert.equal((await cancel()).status, 404);
    });

    test('a scheduled email is asked for by a UUID', async () => {
      assert.equal((await cancel('abc')).body.name, 'invalid_parameter');
      assert.equal((await patch('in 1 hour', 'abc')).body.name, 'invalid_parameter');
    });

    test('a key that only sends may not change a scheduled email', async () => {
      put();
      const sender = await world.key({ permission: 'sending_access' });
      assert.equal((await cancel(ID, sender)).body.name, 'restricted_api_key');
    });
  });
});
