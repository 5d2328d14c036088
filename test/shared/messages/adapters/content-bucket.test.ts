import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { createContentBucket } from '../../../../shared/messages/adapters/content-bucket.ts';
import { createContentLinks } from '../../../../shared/messages/adapters/content-links.ts';

let emulator: FauxqsServer;
let client: S3Client;

before(async () => {
  emulator = await startFauxqs({ port: 0, logger: false, host: '127.0.0.1' });
  emulator.createBucket('content');
  client = new S3Client({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${emulator.port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true,
  });
});
after(async () => {
  client.destroy();
  await emulator.stop();
});

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

describe('content bucket', () => {
  test('gives back the object that was put, with its size', async () => {
    const bucket = createContentBucket(client, 'content');
    await bucket.put('attachments/m/a', bytes('%PDF'), 'application/pdf');
    assert.deepEqual(Buffer.from((await bucket.get('attachments/m/a')) ?? []).toString(), '%PDF');
    assert.equal(await bucket.sizeOf('attachments/m/a'), 4);
  });

  test('answers nothing for an object that is not there', async () => {
    const bucket = createContentBucket(client, 'content');
    assert.equal(await bucket.get('attachments/none'), undefined);
    assert.equal(await bucket.sizeOf('attachments/none'), undefined);
  });

  test('deletes many objects at once, and takes one that is gone already for no error', async () => {
    const bucket = createContentBucket(client, 'content');
    await bucket.put('content/one', bytes('1'), 'text/plain');
    await bucket.delete(['content/one', 'content/two']);
    await bucket.delete([]);
    assert.equal(await bucket.get('content/one'), undefined);
  });

  test('signs a link that names the file and expires', async () => {
    const link = new URL(
      await createContentLinks(client, 'content').signedUrl('attachments/m/a', 3600, "Übersicht (1)'s.pdf"),
    );
    assert.equal(link.searchParams.get('X-Amz-Expires'), '3600');
    assert.equal(
      link.searchParams.get('response-content-disposition'),
      "attachment; filename*=UTF-8''%C3%9Cbersicht%20%281%29%27s.pdf",
    );
  });
});
