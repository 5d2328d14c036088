import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createFailureObjects } from '../../../functions/fetch-attachments/failure-objects.ts';
import { createHttpsFetch } from '../../../shared/guarded-http/adapters/https-fetch.ts';
import { fetchedContentType, roomBeside } from '../../../shared/guarded-http/remote-file.ts';
import { encodedLength } from '../../../shared/mail/mail-attachment.ts';
import { sendJob } from '../../../shared/messages/contract/queue-body.ts';
import { fakeDns, rulesForTests, startFileServer } from '../../support/guarded-http/file-server.ts';
import {
  buildAttachment,
  buildFetchJob,
  createFetchWorld,
  FETCHED_MESSAGE_ID,
  fetchedFile,
} from '../../support/messages/fetch-world.ts';

const FIRST_TRY = { receiveCount: 1 };
const LAST_TRY = { receiveCount: 5 };
const LIMIT_BYTES = 30 * 1024 * 1024;

describe('fetch-attachments', () => {
  const first = buildAttachment();
  const second = buildAttachment({
    attachmentId: 'attachment-2',
    filename: 'b.png',
    contentType: 'image/png',
  });

  test('stores every file under its key and releases the job with their sizes', async () => {
    const world = createFetchWorld({
      'https://files.test/attachment-1': fetchedFile('one'),
      'https://files.test/attachment-2': fetchedFile('two!'),
    });
    const fetchJob = buildFetchJob([first, second]);
    await world.fetch(fetchJob, FIRST_TRY);

    const stored = [...world.objects].map(([key, { body, contentType }]) => [key, String(body), contentType]);
    assert.deepEqual(stored, [
      [`fetched/${FETCHED_MESSAGE_ID}/attachment-1`, 'one', 'application/pdf'],
      [`fetched/${FETCHED_MESSAGE_ID}/attachment-2`, 'two!', 'image/png'],
    ]);
    const { url: _one, ...firstStored } = first;
    const { url: _two, ...secondStored } = second;
    const fetched = [
      { ...firstStored, sizeBytes: 3 },
      { ...secondStored, sizeBytes: 4 },
    ];
    assert.deepEqual(world.queued, [{ ...fetchJob.job, fetched }]);
    assert.doesNotThrow(() => sendJob.parse(JSON.parse(JSON.stringify(world.queued[0]))));
  });

  test('queues the same job again when its record comes twice', async () => {
    const world = createFetchWorld({ 'https://files.test/attachment-1': fetchedFile('one') });
    await world.fetch(buildFetchJob([first]), FIRST_TRY);
    await world.fetch(buildFetchJob([first]), { receiveCount: 2 });
    assert.equal(world.objects.size, 1);
    assert.deepEqual(world.queued[1], world.queued[0]);
  });

  test('keeps a job of any content kind as it is', async () => {
    const world = createFetchWorld({ 'https://files.test/attachment-1': fetchedFile('one') });
    await world.fetch(buildFetchJob([first], { content: { kind: 'table' }, waits: 2 }), FIRST_TRY);
    assert.deepEqual(world.queued[0]?.content, { kind: 'table' });
    assert.equal(world.queued[0]?.waits, 2);
  });

  describe('failures', () => {
    const passing = {
      kind: 'failed',
      permanent: false,
      reason: 'the server answered with status 503',
    } as const;
    const url = 'https://files.test/attachment-1';

    test('ends the message with the reason on a final failure', async () => {
      const world = createFetchWorld({ [url]: { kind: 'failed', permanent: true, reason: 'it is gone' } });
      const fetchJob = buildFetchJob([first, second]);
      await world.fetch(fetchJob, FIRST_TRY);
      const reason = 'attachment_not_fetched: invoice.pdf: it is gone';
      assert.deepEqual(world.queued, [{ ...fetchJob.job, content: { kind: 'unavailable', reason } }]);
      assert.equal(world.asked.length, 1);
    });

    test('leaves the record to the queue on a passing failure', async () => {
      const world = createFetchWorld({ [url]: passing });
      const attempt = world.fetch(buildFetchJob([first]), { receiveCount: 4 });
      await assert.rejects(attempt, { name: 'AttachmentNotFetchedYetError', permanent: false });
      assert.deepEqual(world.queued, []);
    });

    test('ends the message when the last delivery of the record fails in passing', async () => {
      const world = createFetchWorld({ [url]: passing });
      await world.fetch(buildFetchJob([first]), LAST_TRY);
      const reason = 'attachment_not_fetched: invoice.pdf: the server answered with status 503';
      assert.deepEqual(world.queued[0]?.content, { kind: 'unavailable', reason });
    });

    test('fails the record when the bucket or the queue fails, also on the last delivery', async () => {
      const broken = () => Promise.reject(new Error('unavailable'));
      const files = { [url]: fetchedFile('one') };
      const noBucket = createFetchWorld(files, { objects: { put: broken } });
      await assert.rejects(noBucket.fetch(buildFetchJob([first]), LAST_TRY), /unavailable/);
      const noQueue = createFetchWorld(files, { sendQueue: { enqueue: broken } });
      await assert.rejects(noQueue.fetch(buildFetchJob([first]), LAST_TRY), /unavailable/);
    });

    test('keeps the reason short for a filename of any length', async () => {
      const world = createFetchWorld({});
      await world.fetch(buildFetchJob([buildAttachment({ filename: `${'a'.repeat(255)}` })]), FIRST_TRY);
      const content = world.queued[0]?.content;
      assert.ok(content?.kind === 'unavailable' && content.reason.length < 120);
    });

    test('keeps a failure record by the id of its SQS message', async () => {
      const objects = new Map<string, string>();
      const keep = createFailureObjects({ put: async (key, body) => void objects.set(key, String(body)) });
      const failure = {
        recordId: 'sqs-1',
        queue: 'attachments',
        reason: 'UnreadableRecordError: no job',
        receiveCount: 1,
        failedAtEpochMs: 1,
      };
      await keep(failure);
      assert.deepEqual(JSON.parse(objects.get('fetched/failures/sqs-1.json') ?? ''), failure);
    });
  });

  describe('size of a message', () => {
    test('offers the first file 30 MiB and the next what is left', async () => {
      const world = createFetchWorld({
        'https://files.test/attachment-1': fetchedFile(new Uint8Array(3_000_001)),
        'https://files.test/attachment-2': fetchedFile('x'),
      });
      await world.fetch(buildFetchJob([first, second]), FIRST_TRY);
      assert.deepEqual(
        world.asked.map(({ maxBytes }) => maxBytes),
        [LIMIT_BYTES, LIMIT_BYTES - 3_000_003],
      );
    });

    test('counts files that came with the request, once', async () => {
      const { url: _url, ...uploaded } = buildAttachment({ attachmentId: 'uploaded', sizeBytes: 3000 });
      const world = createFetchWorld({ 'https://files.test/attachment-1': fetchedFile('x') });
      await world.fetch(buildFetchJob([uploaded, first]), FIRST_TRY);
      assert.equal(world.asked[0]?.maxBytes, LIMIT_BYTES - 3000);
    });

    test('never lets the files of a message exceed 40 MiB in base64, and uses all of it', () => {
      const sizes = fc.array(fc.integer({ min: 0, max: LIMIT_BYTES }), { maxLength: 10 });
      fc.assert(
        fc.property(sizes, (wanted) => {
          let encoded = 0;
          for (const size of wanted) encoded += encodedLength(Math.min(size, roomBeside(encoded)));
          const last = roomBeside(encoded);
          assert.ok(encoded + encodedLength(last) <= 40 * 1024 * 1024);
          assert.ok(encoded + encodedLength(last + 1) > 40 * 1024 * 1024);
        }),
      );
    });

    test('ends the message when a real server sends one byte more than fits', async () => {
      await using server = await startFileServer((request, response) => {
        response.end(Buffer.alloc(request.url === '/fits' ? LIMIT_BYTES : LIMIT_BYTES + 1));
      });
      const files = createHttpsFetch(rulesForTests(fakeDns({ 'files.test': [['127.0.0.1']] })));
      const world = createFetchWorld({}, { files });
      await world.fetch(buildFetchJob([buildAttachment({ url: server.url('/fits') })]), FIRST_TRY);
      assert.equal(world.queued[0]?.fetched?.[0]?.sizeBytes, LIMIT_BYTES);
      await world.fetch(buildFetchJob([buildAttachment({ url: server.url('/not') })]), FIRST_TRY);
      const content = world.queued[1]?.content;
      assert.match(content?.kind === 'unavailable' ? content.reason : '', /larger than 40 MB/);
    });
  });

  test('spends one time limit on all files of a message together', async () => {
    await using server = await startFileServer(
      (_request, response) => void setTimeout(() => response.end('x'), 150),
    );
    const files = createHttpsFetch(rulesForTests(fakeDns({ 'files.test': [['127.0.0.1']] })));
    const world = createFetchWorld({}, { files, timeLimit: () => AbortSignal.timeout(220) });
    const attachments = ['1', '2', '3'].map((attachmentId) =>
      buildAttachment({ attachmentId, url: server.url(`/${attachmentId}`) }),
    );
    await assert.rejects(world.fetch(buildFetchJob(attachments), FIRST_TRY), /did not arrive in time/);
    assert.deepEqual(world.queued, []);
  });
});

describe('fetchedContentType', () => {
  const cases: readonly (readonly [given: string, header: string | undefined, expected: string])[] = [
    ['application/pdf', 'text/html', 'application/pdf'],
    ['application/octet-stream', 'text/html; charset=utf-8', 'text/html'],
    ['application/octet-stream', 'IMAGE/PNG', 'image/png'],
    ['application/octet-stream', undefined, 'application/octet-stream'],
    ['application/octet-stream', 'nonsense', 'application/octet-stream'],
    ['application/octet-stream', 'text/html\r\nX-Evil: 1', 'application/octet-stream'],
    ['application/octet-stream', `text/${'x'.repeat(100)}`, 'application/octet-stream'],
  ];
  for (const [contentType, header, expected] of cases) {
    test(`reads ${expected} for ${contentType} answered as ${JSON.stringify(header?.slice(0, 40))}`, () => {
      assert.equal(fetchedContentType({ contentType }, header), expected);
    });
  }
});
