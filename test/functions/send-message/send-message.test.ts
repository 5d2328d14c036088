import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeContent } from '../../../shared/messages/contract/message-content.ts';
import {
  ACCEPTED_AT_EPOCH_MS,
  buildAccepted,
  buildFact,
  MESSAGE_ID,
} from '../../support/messages/delivery-builders.ts';
import {
  buildJob,
  createSendWorld,
  EVIDENCE_WAIT_MS,
  LEASE_MS,
} from '../../support/sending/send-message-world.ts';
import { aStream, buildStreams } from '../../support/streams/stream-builders.ts';

const ANN = 'ann@example.net';
const BOB = 'bob@example.net';
const KEPT = { contentKeptUntilEpochSeconds: ACCEPTED_AT_EPOCH_MS / 1000 + 86_400 };
const UNANSWERED = { kind: 'unanswered', errorName: 'ECONNRESET' } as const;
const THROTTLED = {
  kind: 'answered',
  httpStatus: 429,
  errorName: 'TooManyRequestsException',
  text: '',
} as const;
const REJECTED = { kind: 'answered', httpStatus: 400, errorName: 'MessageRejected', text: 'no' } as const;

const suppression = (address: string) =>
  ({ suppressionId: address, address, origin: 'manual', createdAt: '2026-11-01T00:00:00.000Z' }) as const;

describe('send-message', () => {
  test('claims, reads the suppression list, sends and marks sent, and does nothing else', async () => {
    const world = createSendWorld([buildAccepted(KEPT)]);
    await world.receive(buildJob());
    assert.deepEqual(world.calls, ['claim', 'findSuppressed', 'send', 'advance:sent']);
    assert.equal(world.row().status, 'sent');
    assert.equal(world.row().sesMessageId, 'ses-1');
    assert.equal(world.queue.queued.length, 0);
    assert.deepEqual(world.mailer.sent[0]?.reference, {
      messageId: MESSAGE_ID,
      tenant: 'default',
      attempt: 1,
    });
  });

  test('sends once however often the record comes', async () => {
    const world = createSendWorld();
    await world.receive(buildJob());
    await world.receive(buildJob());
    await Promise.all([world.receive(buildJob()), world.receive(buildJob())]);
    assert.equal(world.mailer.sent.length, 1);
    assert.equal(world.queue.queued.length, 0);
  });

  test('two deliveries side by side send once, and the second finds the end of the first', async () => {
    const world = createSendWorld();
    await Promise.all([world.receive(buildJob()), world.receive(buildJob())]);
    await world.runQueue();
    assert.equal(world.mailer.sent.length, 1);
  });

  test('a mail waits for its slot once all else is done', async () => {
    const world = createSendWorld();
    const sendAt = world.clock.now + 5_000;
    world.pacer.take = async () => ({
      ...{ kind: 'now', afterMs: sendAt - world.clock.now, perSecond: 7 },
    });
    world.onSleep = (ms) => {
      world.calls.push(`sleep ${ms}`);
      world.clock.now += ms;
    };
    await world.receive(buildJob());
    assert.deepEqual(world.calls, [
      ...['sleep 4850', 'claim', 'findSuppressed', 'sleep 150', 'send', 'advance:sent'],
    ]);
    assert.equal(world.clock.now, sendAt);
  });

  test('waits where it is paused between its first steps and its claim, and leaves once it may', async () => {
    const world = createSendWorld([buildAccepted(KEPT)]);
    world.onSleep = () => void world.paused.set('transactional', world.clock.now);
    await world.receive(buildJob());
    assert.deepEqual(world.calls, ['enqueue']);
    assert.equal(world.row().status, 'accepted');
    world.onSleep = () => {};
    world.paused.clear();
    await world.runQueue();
    assert.equal(world.row().status, 'sent');
  });

  test('a second job of a mail that has left takes nothing of what others need', async () => {
    const world = createSendWorld([buildAccepted({ contentKeptUntilEpochSeconds: 9_999_999_999 })]);
    world.clock.now += 60_000;
    await world.receive(buildJob());
    world.calls.length = 0;
    await world.receive(buildJob());
    assert.deepEqual(world.calls, ['getMessage']);
    assert.equal(world.mailer.sent.length, 1);
  });

  test('drops the suppressed recipients and mails the others', async () => {
    const world = createSendWorld([buildAccepted({ to: [ANN], cc: ['Bob <BOB@example.net>'] })]);
    await world.suppressions.forScope('account').add(suppression(BOB));
    await world.receive(buildJob());
    assert.deepEqual(world.mailer.sent[0]?.to, [ANN]);
    assert.deepEqual(world.mailer.sent[0]?.cc, []);
    assert.deepEqual(world.row().suppressedRecipients, [BOB]);
  });

  for (const [scope, stream, leaves] of [
    ['account', 'news', false],
    ['stream:news', 'news', false],
    ['stream:news', 'transactional', true],
    ['stream:offers', 'news', true],
    ['tenant:acme', 'news', true],
  ] as const) {
    test(`${stream} mail ${leaves ? 'goes' : 'does not go'} to a recipient on the list ${scope}`, async () => {
      const news = aStream({ name: 'news', kind: 'broadcast', suppressionScope: 'stream' });
      const world = createSendWorld([buildAccepted({ stream })], buildStreams([aStream(), news]));
      await world.suppressions.forScope(scope).add(suppression(ANN));
      await world.receive(buildJob({ stream }));
      assert.equal(world.row().status, leaves ? 'sent' : 'suppressed');
    });
  }

  test('sends nothing where all are suppressed', async () => {
    const world = createSendWorld();
    await world.suppressions.forScope('account').add(suppression(ANN));
    await world.receive(buildJob());
    assert.equal(world.mailer.sent.length, 0);
    assert.equal(world.row().status, 'suppressed');
    assert.equal(world.state().lastEvent, 'suppressed');
  });

  test('tells SES to track what the row says, else what the stream says, and nothing where none may', async () => {
    const on = { opens: true, clicks: true };
    const off = { opens: false, clicks: false };
    const opens = { opens: true, clicks: false };
    const streams = buildStreams([aStream(), aStream({ name: 'news', tracking: opens })]);
    const rows = [
      ['news', undefined, opens],
      ['news', off, off],
      ['news', on, on],
      ['transactional', undefined, off],
      ['transactional', on, off],
      ['gone', undefined, off],
    ] as const;
    for (const [stream, kept, told] of rows) {
      const row = buildAccepted({ stream, ...(kept && { tracking: kept }) });
      const world = createSendWorld([row], streams);
      await world.receive(buildJob({ stream }));
      assert.deepEqual(world.mailer.sent[0]?.tracking, told, `${stream} ${JSON.stringify(kept)}`);
    }
  });

  test('gives SES test recipients as simulator addresses and names encoded', async () => {
    const world = createSendWorld([
      buildAccepted({ from: 'Grüße <shop@example.com>', to: ['bounced@resend.dev'] }),
    ]);
    await world.receive(buildJob());
    assert.deepEqual(world.mailer.sent[0]?.to, ['bounce@simulator.amazonses.com']);
    assert.equal(world.mailer.sent[0]?.from, '=?UTF-8?B?R3LDvMOfZQ==?= <shop@example.com>');
  });

  test('drops a job whose message is gone, and counts it', async () => {
    const world = createSendWorld([]);
    await world.receive(buildJob());
    assert.equal(world.metrics.get('JobsWithoutMessage'), 1);
    assert.equal(world.mailer.sent.length, 0);
  });
});

describe('send-message and content', () => {
  const attachment = {
    attachmentId: 'a1',
    filename: 'a.txt',
    contentType: 'text/plain',
    objectKey: 'attachments/m/a1',
    sizeBytes: 3,
  };
  const content = { text: 'hi', headers: {}, attachments: [attachment] };

  test('sends content that lies in the bucket, attachments included', async () => {
    const world = createSendWorld([buildAccepted(KEPT)]);
    world.objects.stored.set('content/m', encodeContent(content));
    world.objects.stored.set('attachments/m/a1', Buffer.from('abc'));
    await world.receive(buildJob({ content: { kind: 'object', objectKey: 'content/m' } }));
    assert.equal(world.mailer.sent[0]?.text, 'hi');
    assert.equal(Buffer.from(world.mailer.sent[0]?.attachments[0]?.bytes ?? []).toString(), 'abc');
    assert.equal(world.objects.stored.size, 2);
  });

  test('sends content that lies in the table', async () => {
    const world = createSendWorld([buildAccepted(KEPT)]);
    world.messages.contents.set(MESSAGE_ID, { ...content, attachments: [] });
    await world.receive(buildJob({ content: { kind: 'table' } }));
    assert.equal(world.mailer.sent[0]?.text, 'hi');
    assert.equal(world.messages.contents.size, 1);
  });

  test('sends fetched files in place of their references', async () => {
    const world = createSendWorld();
    world.objects.stored.set('fetched/m/a1', Buffer.from('abc'));
    const { sizeBytes: _size, ...reference } = {
      ...attachment,
      objectKey: 'fetched/m/a1',
      url: 'https://example.org/a',
    };
    const { url: _url, ...fetched } = { ...reference, sizeBytes: 3, contentType: 'text/html' };
    const job = buildJob({ content: { kind: 'inline', content: { ...content, attachments: [reference] } } });
    await world.receive({ ...job, fetched: [fetched] });
    assert.equal(world.mailer.sent[0]?.attachments[0]?.contentType, 'text/html');
  });

  test('leaves no content behind where it is not kept', async () => {
    const world = createSendWorld();
    world.objects.stored.set('content/m', encodeContent(content)).set('attachments/m/a1', Buffer.from('abc'));
    await world.receive(buildJob({ content: { kind: 'object', objectKey: 'content/m' } }));
    assert.equal(world.objects.stored.size, 0);

    const transit = createSendWorld();
    transit.messages.contents.set(MESSAGE_ID, { ...content, attachments: [] });
    await transit.receive(buildJob({ content: { kind: 'table' } }));
    assert.equal(transit.messages.contents.size, 0);
  });

  const missing: readonly [title: string, job: ReturnType<typeof buildJob>, reason: string][] = [
    [
      'could not be fetched',
      buildJob({ content: { kind: 'unavailable', reason: 'attachment_not_fetched: 404' } }),
      'attachment_not_fetched: 404',
    ],
    ['is not in the table', buildJob({ content: { kind: 'table' } }), 'content_not_kept'],
    [
      'is not in the bucket',
      buildJob({ content: { kind: 'object', objectKey: 'content/gone' } }),
      'content_not_kept',
    ],
    ['lacks an attachment', buildJob({ content: { kind: 'inline', content } }), 'attachment_unavailable'],
  ];
  for (const [title, job, reason] of missing) {
    test(`a mail fails with a reason where its content ${title}`, async () => {
      const world = createSendWorld();
      await world.receive(job);
      assert.equal(world.row().status, 'failed');
      assert.equal(world.row().statusReason, reason);
      assert.equal(world.mailer.sent.length, 0);
    });
  }

  test('a mail fails with a reason where its content cannot be read', async () => {
    const world = createSendWorld();
    world.objects.stored.set('content/m', Buffer.from('rubbish'));
    await world.receive(buildJob({ content: { kind: 'object', objectKey: 'content/m' } }));
    assert.equal(world.row().statusReason, 'content_unreadable');
  });

  for (const store of ['getObject', 'getContent', 'findSuppressed']) {
    test(`gives no mail up where ${store} fails in an unknown way`, async () => {
      const world = createSendWorld();
      const kept = { text: 'hi', headers: {}, attachments: [] };
      world.messages.contents.set(MESSAGE_ID, kept);
      world.objects.stored.set('content/m', encodeContent(kept));
      const job = buildJob({
        content: store === 'getObject' ? { kind: 'object', objectKey: 'content/m' } : { kind: 'table' },
      });
      world.broken.add(store);
      await assert.rejects(world.receive(job), TypeError);
      assert.deepEqual([world.row().status, world.row().attempt], ['accepted', 0]);
      world.broken.clear();
      await world.receive(job);
      assert.equal(world.row().status, 'sent');
    });
  }

  test('gives no mail up where a file cannot be read and the reason is unknown', async () => {
    const world = createSendWorld();
    world.broken.add('getObject');
    await assert.rejects(world.receive(buildJob({ content: { kind: 'inline', content } })), TypeError);
    assert.deepEqual([world.row().status, world.row().attempt], ['accepted', 0]);
  });
});

describe('send-message and refusals', () => {
  test('a mail ends as failed after a definite no, with its reason', async () => {
    const world = createSendWorld();
    world.mailer.answers.push(REJECTED);
    await world.receive(buildJob());
    assert.equal(world.row().status, 'failed');
    assert.equal(world.row().statusReason, 'MessageRejected: no');
  });

  test('a mail goes back to accepted after a definite no for now, and comes again', async () => {
    const world = createSendWorld();
    world.mailer.answers.push(THROTTLED);
    await world.receive(buildJob({ waits: 2 }));
    assert.equal(world.row().status, 'accepted');
    assert.equal(world.row().attempt, 0);
    assert.deepEqual(
      world.queue.queued.map(({ job, delaySeconds }) => [job.waits, delaySeconds]),
      [[3, 8]],
    );

    await world.runQueue();
    assert.equal(world.row().status, 'sent');
    assert.equal(world.row().attempt, 1);
  });

  test('gives a mail up after a day of definite noes', async () => {
    const world = createSendWorld();
    world.mailer.answers.push(...Array.from({ length: 500 }, () => THROTTLED));
    await world.receive(buildJob());
    await world.runQueue();
    assert.equal(world.row().status, 'failed');
    assert.match(world.row().statusReason ?? '', /^not_sent_in_a_day: TooManyRequestsException/);
    assert.ok(world.clock.now - ACCEPTED_AT_EPOCH_MS >= 86_400_000);
  });
});

describe('send-message and a row that moves while SES is asked', () => {
  for (const answer of [REJECTED, THROTTLED, UNANSWERED]) {
    test(`says nothing of its own after ${JSON.stringify(answer)}, and finds the end that came first`, async () => {
      const world = createSendWorld();
      world.mailer.answers.push(answer);
      world.onSend = async () => {
        const sent = { sesMessageId: 'ses-9', sentAtEpochMs: world.clock.now, suppressedRecipients: [] };
        await world.messages.advance('default', MESSAGE_ID, world.row(), { to: 'sent', ...sent });
      };
      await world.receive(buildJob());
      assert.equal(world.row().sesMessageId, 'ses-9');
      assert.deepEqual([...world.metrics], []);
      assert.deepEqual(
        world.queue.queued.map(({ delaySeconds }) => delaySeconds),
        [2],
      );
      await world.runQueue();
      assert.deepEqual([world.row().status, world.mailer.sent.length], ['sent', 1]);
    });
  }
});

describe('send-message and a resend that must wait', () => {
  const resendThrottled = async () => {
    const world = createSendWorld();
    world.mailer.answers.push(UNANSWERED, THROTTLED);
    await world.receive(buildJob());
    const [copy] = world.queue.queued.splice(0);
    assert.ok(copy);
    world.clock.now += EVIDENCE_WAIT_MS;
    await world.receive(copy.job);
    assert.deepEqual([world.row().status, world.row().attempt], ['unknown', 1]);
    return world;
  };

  test('a resend that must wait leaves the first attempt unknown, and is made once it may', async () => {
    const world = await resendThrottled();
    await world.runQueue();
    assert.deepEqual([world.row().status, world.row().attempt], ['sent', 2]);
    assert.equal(world.mailer.sent.length, 3);
  });

  test('makes no resend where evidence came while it waited', async () => {
    const world = await resendThrottled();
    await world.messages.appendFact(
      'default',
      buildFact({ messageId: world.row().messageId, kind: 'delivered', attempt: 1 }),
      0,
    );
    await world.runQueue();
    assert.equal(world.row().status, 'sent');
    assert.equal(world.mailer.sent.length, 2);
  });
});

describe('send-message and unknown outcomes', () => {
  test('a mail with an unknown outcome waits for evidence and is sent again, once', async () => {
    const world = createSendWorld();
    world.mailer.answers.push(UNANSWERED);
    await world.receive(buildJob());
    assert.equal(world.row().status, 'unknown');
    assert.equal(world.queue.queued[0]?.delaySeconds, EVIDENCE_WAIT_MS / 1000);
    assert.equal(world.state().lastEvent, 'queued');

    await world.runQueue();
    assert.deepEqual(
      world.mailer.sent.map(({ reference }) => reference.attempt),
      [1, 2],
    );
    assert.equal(world.row().status, 'sent');
    assert.equal(world.metrics.get('ResendsAfterUnknown'), 1);
  });

  test('a fact that proves that SES took it prevents a second send', async () => {
    const world = createSendWorld();
    world.mailer.answers.push(UNANSWERED);
    await world.receive(buildJob());
    await world.messages.appendFact('default', buildFact({ sesMessageId: 'ses-9' }), 0);
    await world.runQueue();
    assert.equal(world.mailer.sent.length, 1);
    assert.equal(world.row().status, 'sent');
    assert.equal(world.row().sesMessageId, 'ses-9');
  });

  test('a mail fails after a second unknown outcome, until evidence overturns it', async () => {
    const world = createSendWorld();
    world.mailer.answers.push(UNANSWERED, UNANSWERED);
    await world.receive(buildJob());
    await world.runQueue();
    assert.equal(world.mailer.sent.length, 2);
    assert.equal(world.row().status, 'failed');
    assert.equal(world.row().statusReason, 'outcome_unknown');

    await world.messages.appendFact('default', buildFact({ attempt: 2 }), 0);
    assert.equal(world.state().lastEvent, 'delivered');
  });

  test('keeps content that is not kept until the outcome is known', async () => {
    const world = createSendWorld();
    world.messages.contents.set(MESSAGE_ID, { text: 'hi', headers: {}, attachments: [] });
    world.mailer.answers.push(UNANSWERED);
    await world.receive(buildJob({ content: { kind: 'table' } }));
    assert.equal(world.messages.contents.size, 1);
    await world.runQueue();
    assert.equal(world.messages.contents.size, 0);
  });
});

describe('send-message after a crash', () => {
  const claimed = (leaseMs: number) =>
    buildAccepted({
      status: 'sending',
      attempt: 1,
      leaseUntilEpochMs: ACCEPTED_AT_EPOCH_MS + 10_000 + leaseMs,
    });

  test('waits while another worker has the lease', async () => {
    const world = createSendWorld([claimed(60_000)]);
    await world.receive(buildJob());
    assert.equal(world.queue.queued[0]?.delaySeconds, 60);
    assert.equal(world.row().status, 'sending');
    assert.equal(world.mailer.sent.length, 0);
  });

  test('never claims an expired lease: the mail is unknown, waits, and is sent again', async () => {
    const world = createSendWorld([claimed(-1)]);
    await world.receive(buildJob());
    assert.equal(world.row().status, 'unknown');
    assert.equal(world.mailer.sent.length, 0);
    await world.runQueue();
    assert.deepEqual(
      world.mailer.sent.map(({ reference }) => reference.attempt),
      [2],
    );
  });

  test('claims for longer than it may run', async () => {
    const world = createSendWorld();
    world.down.add('advance:sent');
    await world.receive(buildJob());
    assert.equal(world.row().leaseUntilEpochMs, world.clock.now + LEASE_MS);
  });

  test('carries a receipt in the queue while the table cannot take it, and sends nothing twice', async () => {
    const world = createSendWorld();
    world.down.add('advance:sent');
    await world.receive(buildJob());
    assert.equal(world.queue.queued[0]?.job.sendReceipt?.sesMessageId, 'ses-1');
    world.down.clear();
    world.clock.now += 3_600_000;
    await world.runQueue();
    assert.equal(world.row().status, 'sent');
    assert.equal(world.mailer.sent.length, 1);
  });

  test('carries a receipt that the queue did not take at once either', async () => {
    const world = createSendWorld();
    world.down.add('advance:sent');
    world.downOnce.add('enqueue');
    await world.receive(buildJob());
    assert.deepEqual(
      world.queue.queued.map(({ job }) => job.sendReceipt?.sesMessageId),
      ['ses-1'],
    );
    world.down.clear();
    await world.runQueue();
    assert.equal(world.row().status, 'sent');
    assert.equal(world.mailer.sent.length, 1);
  });

  test('proves in the timeline what the row can no longer take', async () => {
    const world = createSendWorld([buildAccepted({ status: 'sending', attempt: 2 })]);
    const sendReceipt = {
      attempt: 1,
      sesMessageId: 'ses-1',
      sentAtEpochMs: ACCEPTED_AT_EPOCH_MS,
      suppressedRecipients: [],
    };
    await world.receive(buildJob({ sendReceipt }));
    assert.equal([...world.messages.facts.values()][0]?.sesMessageId, 'ses-1');
    assert.equal(world.row().attempt, 2);
  });
});

describe('send-message while a store is down', () => {
  for (const store of ['claim', 'findSuppressed', 'getObject', 'getContent']) {
    test(`sends a mail once ${store} works again, and fails no record`, async () => {
      const world = createSendWorld();
      const kind = store === 'getContent' ? 'table' : 'object';
      world.messages.contents.set(MESSAGE_ID, { text: 'hi', headers: {}, attachments: [] });
      world.objects.stored.set('content/m', encodeContent({ text: 'hi', headers: {}, attachments: [] }));
      const content =
        kind === 'table' ? ({ kind } as const) : ({ kind: 'object', objectKey: 'content/m' } as const);
      world.down.add(store);
      await world.receive(buildJob({ content }));
      assert.equal(world.queue.queued.length, 1);
      assert.equal(world.mailer.sent.length, 0);

      world.down.clear();
      await world.runQueue();
      assert.equal(world.mailer.sent.length, 1);
      assert.equal(world.row().status, 'sent');
    });
  }

  test('lets waiting events come back before it sends an unknown outcome again', async () => {
    const world = createSendWorld();
    world.mailer.answers.push(UNANSWERED);
    await world.receive(buildJob());
    const waiting = world.queue.queued.shift();
    assert.ok(waiting);
    world.clock.now += 3_600_000;
    world.down.add('claim');
    await world.receive(waiting.job);
    world.down.clear();

    const held = world.queue.queued.shift();
    assert.ok(held);
    await world.receive(held.job);
    assert.equal(world.mailer.sent.length, 1);
    await world.messages.appendFact('default', buildFact(), 0);
    await world.runQueue();
    assert.equal(world.mailer.sent.length, 1);
    assert.equal(world.row().status, 'sent');
  });

  test('throws where not even the queue can be written', async () => {
    const world = createSendWorld();
    world.down.add('claim').add('enqueue');
    await assert.rejects(world.receive(buildJob()));
  });

  test('lets a leftover job go whose content is gone with the end of its message', async () => {
    const world = createSendWorld([buildAccepted({ status: 'sent', attempt: 1 })]);
    world.down.add('getObject');
    await world.receive(buildJob({ content: { kind: 'object', objectKey: 'content/m' } }));
    assert.equal(world.queue.queued.length, 0);
  });

  test('requeues a job that there is no time for, without a claim', async () => {
    const world = createSendWorld();
    await world.receive(buildJob(), 999);
    assert.deepEqual(world.calls, ['enqueue']);
    assert.equal(world.row().status, 'accepted');
  });
});
