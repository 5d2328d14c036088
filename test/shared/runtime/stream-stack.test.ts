import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { streamStack } from '../../../shared/runtime/stream-stack.ts';
import { aContext } from '../../support/aws/lambda-events.ts';
import { otherRecord } from '../../support/outbox/stream-records.ts';

const record = (item: string) => otherRecord('messages', { bucket: 'b', item }, 1_795_000_000_000);

function stackOf(process: (changes: readonly string[]) => Promise<void>) {
  const lines: string[] = [];
  const failures: { recordId: string; reason: string }[] = [];
  const handler = streamStack<string>({
    parse: ({ dynamodb }) => {
      const item = String(dynamodb?.NewImage?.item?.S);
      if (item === 'poison') throw new TypeError('no change');
      return item;
    },
    process,
    command: async (event) => ({ did: event }),
    recordFailure: async (failure) => void failures.push(failure),
    clock: { nowEpochMs: () => 1_795_000_000_000 },
    logger: createLogger('publish-events', (line) => lines.push(line)),
  });
  return { handler, lines, failures };
}

describe('stream stack', () => {
  test('hands a batch over in order, and reports it done', async () => {
    const seen: (readonly string[])[] = [];
    const { handler } = stackOf(async (changes) => void seen.push(changes));
    const answer = await handler({ Records: [record('a'), record('b')] }, aContext());
    assert.deepEqual(seen, [['a', 'b']]);
    assert.deepEqual(answer, { batchItemFailures: [] });
  });

  test('keeps a record that is no change with its reason, and goes on', async () => {
    const seen: (readonly string[])[] = [];
    const { handler, lines, failures } = stackOf(async (changes) => void seen.push(changes));
    await handler({ Records: [record('a'), record('poison'), record('b')] }, aContext());
    assert.deepEqual(seen, [['a', 'b']]);
    assert.equal(failures[0]?.reason, 'TypeError: no change');
    assert.match(lines.join('\n'), /StreamRecordsUnreadable/);
  });

  test('answers a command, and publishes nothing for it', async () => {
    const { handler } = stackOf(async () => assert.fail('published'));
    assert.deepEqual(await handler({ command: 'rebuild-log' } as never, aContext()), {
      did: { command: 'rebuild-log' },
    });
  });

  test('a stream batch fails as a whole where it cannot be settled, and says so', async () => {
    const { handler, lines } = stackOf(async () => {
      throw new Error('store down');
    });
    await assert.rejects(async () => handler({ Records: [record('a')] }, aContext()), /store down/);
    assert.match(lines.join('\n'), /stream_batch_failed/);
  });
});
