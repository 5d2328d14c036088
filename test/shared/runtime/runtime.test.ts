import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createdAtEpochMsOf } from '../../../shared/messages/message-bucket.ts';
import { readEnvironment, readLocalWebhooks } from '../../../shared/runtime/env.ts';
import { htmlToText } from '../../../shared/runtime/html-to-text.ts';
import { createIds } from '../../../shared/runtime/ids.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { buildStreams } from '../../support/streams/stream-builders.ts';

describe('environment', () => {
  const complete = {
    MESSAGES_TABLE_NAME: 'messages',
    CATALOG_TABLE_NAME: 'catalog',
    CONTENT_BUCKET_NAME: 'content',
    STREAMS: JSON.stringify({ defaultStream: 'transactional', streams: buildStreams().all }),
    ATTACHMENT_QUEUE_URL: 'http://127.0.0.1/attachments',
    SENDING_DOMAINS: 'Example.com, mail.example.org',
    MESSAGE_KEEP_DAYS: '90',
  };
  const NAMES = ['MESSAGES_TABLE_NAME', 'STREAMS', 'SENDING_DOMAINS', 'MESSAGE_KEEP_DAYS'] as const;

  test('the environment is read under camel-case names, each value of its type', () => {
    const environment = readEnvironment(NAMES, complete);
    assert.equal(environment.messagesTableName, 'messages');
    assert.equal(environment.messageKeepDays, 90);
    assert.equal(environment.streams.byName('broadcast').kind, 'broadcast');
    assert.deepEqual(environment.sendingDomains, ['example.com', 'mail.example.org']);
  });

  test('names the variable that is missing or malformed', () => {
    const read = (overrides: Record<string, string | undefined>) => () =>
      readEnvironment(NAMES, { ...complete, ...overrides });
    assert.throws(read({ STREAMS: undefined }), /STREAMS is not set/);
    assert.throws(read({ STREAMS: '' }), /STREAMS is not set/);
    assert.throws(read({ STREAMS: '{}' }), /STREAMS is not what this version knows/);
    assert.throws(read({ MESSAGE_KEEP_DAYS: '30d' }), /MESSAGE_KEEP_DAYS must be a whole number/);
  });

  test('webhooks stay on this machine where the environment says so in one word, and nowhere else', () => {
    assert.deepEqual(readLocalWebhooks({ LOCAL_WEBHOOKS: 'allowed' }), { isLocalAllowed: true });
    for (const LOCAL_WEBHOOKS of [undefined, '', 'true', 'ALLOWED', 'refused'])
      assert.deepEqual(readLocalWebhooks({ LOCAL_WEBHOOKS }), { isLocalAllowed: false });
  });
});

describe('ids', () => {
  test('ids are UUIDv7 of their moment', () => {
    const id = createIds({ nowEpochMs: () => 1_795_000_000_123 }).next();
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(createdAtEpochMsOf(id), 1_795_000_000_123);
  });

  test('ids increase strictly, however the clock moves and however many a millisecond has', () => {
    let nowMs = 1_795_000_000_000;
    const ids = createIds({ nowEpochMs: () => nowMs });
    let last = ids.next();
    const step = fc.constantFrom(0, 0, 0, 1, 5, -3, -60_000);
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 50 }), (steps) => {
        for (const each of steps) {
          nowMs += each;
          const next = ids.next();
          assert.ok(next > last);
          last = next;
        }
      }),
    );
    for (let count = 0; count < 10_000; count++) {
      const next = ids.next();
      assert.ok(next > last);
      last = next;
    }
  });
});

describe('logger', () => {
  const remember = () => {
    const lines: string[] = [];
    return { lines, logger: createLogger('send-message', (line) => void lines.push(line)) };
  };

  test('prints words, ids and numbers on one JSON line', () => {
    const { lines, logger } = remember();
    logger.warn('left_to_sweep', { messageId: '019ab-7', attempt: 2, isLate: true });
    assert.deepEqual(JSON.parse(lines[0] ?? ''), {
      level: 'warn',
      event: 'left_to_sweep',
      function: 'send-message',
      messageId: '019ab-7',
      attempt: 2,
      isLate: true,
    });
  });

  test('the logger cannot print an address or a body, also where it is given one', () => {
    const { lines, logger } = remember();
    const secret = fc.constantFrom('reader@example.org', 'Dear reader, hello', '<p>hello</p>', 'a\nb@c');
    fc.assert(
      fc.property(secret, fc.constantFrom('info', 'warn', 'error'), (text, level) => {
        const error = new Error(text, { cause: new Error(text) });
        logger[level as 'error'](text, {
          subject: text,
          list: [text],
          nested: { text },
          error,
          [text]: text,
        });
        const line = (lines.at(-1) ?? '').toLowerCase();
        assert.ok(!line.includes('@'));
        assert.ok(!line.includes('dear') && !line.includes('hello'));
      }),
    );
  });

  test('prints where an error came from, and its code', () => {
    const { lines, logger } = remember();
    logger.error('failed', { error: Object.assign(new TypeError('secret'), { code: 'ECONNRESET' }) });
    const { error } = JSON.parse(lines[0] ?? '');
    assert.deepEqual([error.class, error.code], ['TypeError', 'ECONNRESET']);
    assert.ok(error.frames.length > 0);
  });

  test('counts in the embedded metric format, the whole line JSON', () => {
    const { lines, logger } = remember();
    logger.count('MessagesSent', 3);
    const { _aws, MessagesSent } = JSON.parse(lines[0] ?? '');
    assert.equal(MessagesSent, 3);
    assert.equal(_aws.CloudWatchMetrics[0].Metrics[0].Name, 'MessagesSent');
  });
});

describe('htmlToText', () => {
  test('keeps text and links and leaves images out', async () => {
    const html =
      '<h1>Hi</h1><p>See <a href="https://example.com/a">this</a><img src="x" alt="logo"> &amp; that</p>';
    assert.equal(await htmlToText(html), 'HI\n\nSee this [https://example.com/a] & that');
  });

  test('makes nothing of html that would take too long', async () => {
    assert.equal(await htmlToText(`${'<div>'.repeat(200_000)}text`), '');
    assert.equal(await htmlToText('x'.repeat(1_000_001)), '');
  });
});
