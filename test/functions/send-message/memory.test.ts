import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { SendJob } from '../../../shared/messages/contract/queue-body.ts';
import { buildAccepted } from '../../support/messages/delivery-builders.ts';
import { startSendMessageProcess } from '../../support/sending/send-message-process.ts';
import { buildJob } from '../../support/sending/send-message-world.ts';

/** 40 MB once it is base64. */
const LARGEST_FILE_MB = 30;
const LARGEST_FILE_BYTES = LARGEST_FILE_MB * 1024 * 1024;
/** Of the function's 512 MB, what is left beside the runtime of Lambda itself. */
const MEMORY_MB = 460;
const OBJECT_KEY = 'attachments/m/a1';

/** Ids of now: the handler goes by the real clock, and gives up on messages of yesterday. */
function idOf(index: number): string {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7abc-8def-${String(index).padStart(12, '0')}`;
}

function largeJob(messageId: string): SendJob {
  const attachment = {
    attachmentId: 'a1',
    filename: 'large.pdf',
    contentType: 'application/pdf',
    objectKey: OBJECT_KEY,
    sizeBytes: LARGEST_FILE_BYTES,
  };
  return buildJob({
    messageId,
    content: { kind: 'inline', content: { text: 'hi', headers: {}, attachments: [attachment] } },
  });
}

describe('send-message as a process', () => {
  let world: Awaited<ReturnType<typeof startSendMessageProcess>>;
  before(async () => {
    world = await startSendMessageProcess();
  });
  after(() => world.stop());

  test('sends a batch of ten mails of 40 MB within its memory', async () => {
    await world.putObject(OBJECT_KEY, LARGEST_FILE_MB);
    const ids = Array.from({ length: 10 }, (_, index) => idOf(index));
    const kept = { contentKeptUntilEpochSeconds: Math.floor(Date.now() / 1000) + 86_400 };
    for (const messageId of ids) {
      await world.messages.putMessageIfAbsent(buildAccepted({ messageId, ...kept }));
    }

    const { result, maxRssMb, elapsedMs } = await world.invoke(ids.map((id) => JSON.stringify(largeJob(id))));

    assert.deepEqual(result.batchItemFailures, []);
    assert.ok(maxRssMb < MEMORY_MB, `${maxRssMb} MB at the most, in ${elapsedMs} ms`);
    assert.equal(world.ses.mails.length, 10);
    for (const { bytes } of world.ses.mails) assert.ok(bytes > (LARGEST_FILE_BYTES * 4) / 3);
    for (const id of ids) assert.equal((await world.messages.getMessage('default', id))?.status, 'sent');
  });
});
