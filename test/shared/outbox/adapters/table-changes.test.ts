import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createChangeReader } from '../../../../shared/outbox/adapters/table-changes.ts';
import { NOON } from '../../../support/messages/message-builders.ts';
import { aSource } from '../../../support/outbox/event-sources.ts';
import { aStreamRecord, otherRecord } from '../../../support/outbox/stream-records.ts';

const contacts = aSource('audience', 'contact').source;
const topics = aSource('audience', 'topic').source;
const mails = aSource('mails', 'mail').source;
const read = createChangeReader([contacts, topics, mails]);

describe('a record of a table', () => {
  test('goes to the source that finds something in it, with when it was stored', () => {
    assert.deepEqual(read(otherRecord('audience', { topic: 'news', count: 2 }, NOON + 700)), {
      source: topics,
      change: { name: 'news', count: 2 },
      recordedAtEpochMs: NOON,
    });
  });

  test('of a removal is read from what was there', () => {
    const record = aStreamRecord('mails', { before: { mail: { S: 'm-1' } } }, NOON);
    assert.deepEqual(read(record)?.change, { name: 'm-1', count: 1 });
  });

  test('tells nothing where no source finds anything, or none reads its table', () => {
    assert.equal(read(otherRecord('audience', { list: 'l' }, NOON)), undefined);
    assert.equal(read(otherRecord('others', { mail: 'm' }, NOON)), undefined);
    assert.equal(read(otherRecord('mails', { contact: 'c' }, NOON)), undefined);
  });
});
