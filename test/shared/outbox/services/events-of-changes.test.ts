import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnyEventSource, SourcedChange } from '../../../../shared/outbox/event-source.ts';
import { eventsOfChanges } from '../../../../shared/outbox/services/events-of-changes.ts';
import { NOON } from '../../../support/messages/message-builders.ts';
import { aSource } from '../../../support/outbox/event-sources.ts';

const aChange = (source: AnyEventSource, name: string, count = 1, second = 0): SourcedChange => ({
  ...{ source, change: { name, count } },
  recordedAtEpochMs: NOON + second * 1_000,
});

describe('the events of changes', () => {
  test('come in the order of the changes, whichever subject they are of', async () => {
    const [mails, contacts] = [aSource('mails', 'mail'), aSource('audience', 'contact')];
    const entries = await eventsOfChanges([
      aChange(mails.source, 'first', 1, 1),
      aChange(contacts.source, 'second', 2, 2),
      aChange(mails.source, 'nothing', 0, 3),
      aChange(mails.source, 'third', 1, 4),
    ]);
    assert.deepEqual(
      entries.map(({ event, recordedAtEpochMs }) => [event.data.name, (recordedAtEpochMs - NOON) / 1_000]),
      [
        ['first', 1],
        ['second', 2],
        ['second', 2],
        ['third', 4],
      ],
    );
  });

  test('are asked for together, once of each subject', async () => {
    const [mails, contacts] = [aSource('mails', 'mail'), aSource('audience', 'contact')];
    await eventsOfChanges([
      aChange(mails.source, 'a'),
      aChange(contacts.source, 'b'),
      aChange(mails.source, 'c'),
    ]);
    assert.deepEqual([mails.asked, contacts.asked], [[['a', 'c']], [['b']]]);
  });

  test('of the same change twice are there twice: the log knows them', async () => {
    const change = aChange(aSource('mails', 'mail').source, 'a');
    assert.equal((await eventsOfChanges([change, { ...change }])).length, 2);
  });

  test('are not believed of a source that forgets a change', async () => {
    const { source } = aSource('mails', 'mail');
    const forgetful: AnyEventSource = { ...source, eventsOf: () => [] };
    await assert.rejects(eventsOfChanges([aChange(forgetful, 'a')]), RangeError);
  });

  test('of no changes are none', async () => {
    assert.deepEqual(await eventsOfChanges([]), []);
  });
});
