import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { LastEvent } from '../../../shared/messages/message-state.ts';
import { createRecordEventWorld } from '../../support/feedback/record-event-world.ts';
import {
  changed,
  onBus,
  onTopic,
  readSesFixture,
  SES_FIXTURES,
} from '../../support/feedback/ses-fixtures.ts';
import { buildAccepted, buildMessage, MESSAGE_ID } from '../../support/messages/delivery-builders.ts';
import { aStream, buildStreams } from '../../support/streams/stream-builders.ts';

const ANN = 'ann@example.net';
const BOB = 'bob@example.net';
const SES_ID = '0100019ab01888801-7c191be4-e9ae-db9a-02f9-4d12a87ddd00-000000';

/** What each event alone makes of a message that was sent. */
const EFFECTS: readonly [fixture: string, lastEvent: LastEvent, origin: string | undefined][] = [
  ['send', 'sent', undefined],
  ['delivery', 'delivered', undefined],
  ['delivery-delay', 'delivery_delayed', undefined],
  ['bounce-permanent', 'bounced', 'bounce'],
  ['bounce-transient', 'bounced', undefined],
  ['bounce-undetermined', 'bounced', undefined],
  ['bounce-global-list', 'suppressed', 'bounce'],
  ['bounce-account-list', 'suppressed', undefined],
  ['bounce-tenant-list', 'suppressed', undefined],
  ['bounce-unsubscribed', 'suppressed', undefined],
  ['bounce-validation', 'suppressed', undefined],
  ['complaint', 'complained', 'complaint'],
  ['complaint-account-list', 'suppressed', undefined],
  ['complaint-auth-failure', 'sent', undefined],
  ['complaint-not-spam', 'sent', undefined],
  ['reject', 'failed', undefined],
  ['rendering-failure', 'failed', undefined],
  ['open-by-person', 'opened', undefined],
  // SES took it for a machine's.
  ['open', 'sent', undefined],
  ['click', 'clicked', undefined],
  ['subscription', 'sent', undefined],
];

const sent = (overrides = {}) => buildMessage({ sesMessageId: SES_ID, ...overrides });

describe('record-event', () => {
  for (const [fixture, lastEvent, origin] of EFFECTS) {
    test(`a message reads ${lastEvent} after ${fixture}, twice and through three paths the same`, async () => {
      const world = createRecordEventWorld([sent()]);
      const event = readSesFixture(fixture);
      await world.receive(onBus(event));
      const facts = [...world.messages.facts.values()];
      const entries = [...world.suppressions.entries.values()];

      await world.receive(onBus(event));
      await world.receive(event);
      await world.receive(onTopic(event));

      assert.equal(world.state().lastEvent, lastEvent);
      assert.equal(world.suppressions.entries.get(ANN)?.origin, origin);
      assert.deepEqual([...world.messages.facts.values()], facts);
      assert.deepEqual([...world.suppressions.entries.values()], entries);
    });
  }

  test('events in every order, each repeated, come to the same facts, state and suppressions', async () => {
    const fixtures = SES_FIXTURES.filter((name) => name !== 'legacy-bounce');
    const outcomeOf = async (names: readonly string[]) => {
      const world = createRecordEventWorld([sent()]);
      for (const name of names) await world.receive(onBus(readSesFixture(name)));
      const { lastEvent, recipients, bounce } = world.state();
      const suppressed = world.suppressions.entries.has(ANN);
      return { lastEvent, recipients, bounce, suppressed, facts: [...world.messages.facts.keys()].sort() };
    };

    const anyEvents = fc.uniqueArray(fc.constantFrom(...fixtures), { minLength: 1, maxLength: 6 });
    const orders = anyEvents.chain((names) =>
      fc.tuple(
        fc.constant(names),
        fc.shuffledSubarray([...names, ...names], { minLength: names.length * 2 }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(orders, async ([names, shuffled]) => {
        // An address on SES's own list gets no mail, so that nobody complains of one: the two never meet.
        fc.pre(!(names.includes('complaint-not-spam') && names.includes('bounce-global-list')));
        assert.deepEqual(await outcomeOf(shuffled), await outcomeOf(names));
      }),
      { numRuns: 60 },
    );
  });

  test('writes the suppression before the fact that shows its reason', async () => {
    const world = createRecordEventWorld([sent()]);
    await world.receive(readSesFixture('bounce-permanent'));
    assert.ok(world.calls.indexOf('suppress') < world.calls.indexOf('appendFact:bounced'));
    const entry = world.suppressions.entries.get(ANN);
    assert.equal(entry?.sourceMessageId, MESSAGE_ID);
    assert.equal(entry?.reason, 'NoEmail');
  });

  test('writes no fact while the suppression cannot be written', async () => {
    const world = createRecordEventWorld([sent()]);
    world.down.add('suppress');
    await world.receive(readSesFixture('bounce-permanent'));
    assert.equal(world.messages.facts.size, 0);
    assert.equal(world.requeued.length, 1);
  });
});

describe('record-event and its cost', () => {
  test('a Send event of a sent message is one eventually consistent read', async () => {
    const world = createRecordEventWorld([sent()]);
    await world.receive(readSesFixture('send'));
    assert.deepEqual(world.calls, ['getMessage']);
  });

  test('a Delivery event is one write', async () => {
    const world = createRecordEventWorld([sent()]);
    await world.receive(readSesFixture('delivery'));
    assert.deepEqual(world.calls, ['appendFact:delivered']);
  });
});

describe('record-event as evidence', () => {
  for (const status of ['sending', 'unknown', 'accepted', 'failed'] as const) {
    test(`a Send event moves a row that is ${status} to sent`, async () => {
      const world = createRecordEventWorld([
        buildAccepted({ status, attempt: status === 'accepted' ? 0 : 1 }),
      ]);
      await world.receive(readSesFixture('send'));
      const row = world.messages.rows.get(MESSAGE_ID);
      assert.equal(row?.status, 'sent');
      assert.equal(row?.sesMessageId, SES_ID);
    });
  }

  test('a Send event tells who was left out of a send whose process died', async () => {
    const world = createRecordEventWorld([buildAccepted({ status: 'sending', attempt: 1, cc: [BOB] })]);
    await world.receive(readSesFixture('send'));
    assert.deepEqual(world.messages.rows.get(MESSAGE_ID)?.suppressedRecipients, [BOB]);
  });

  test('a bounce moves a row that waits for evidence to sent', async () => {
    const world = createRecordEventWorld([buildAccepted({ status: 'unknown', attempt: 1 })]);
    await world.receive(readSesFixture('bounce-permanent'));
    assert.equal(world.messages.rows.get(MESSAGE_ID)?.status, 'sent');
    assert.equal(world.state().lastEvent, 'bounced');
  });

  test('a second accepted attempt is counted as a duplicate, once', async () => {
    const world = createRecordEventWorld([sent({ sesMessageId: 'another', attempt: 2 })]);
    await world.receive(readSesFixture('send'));
    await world.receive(readSesFixture('send'));
    assert.equal(world.metrics.get('DuplicateDeliveries'), 1);
    assert.equal(world.state().duplicateAttempts, 1);
  });
});

describe('record-event and complaints', () => {
  const both = sent({ to: [ANN], cc: [BOB] });
  const redacted = {
    'mail.destination': [ANN, BOB],
    'complaint.complainedRecipients': [{ emailAddress: ANN }, { emailAddress: BOB }],
  };

  test('suppresses no recipient where several could have complained', async () => {
    const world = createRecordEventWorld([both]);
    await world.receive(changed(readSesFixture('complaint'), redacted));
    assert.equal(world.state().lastEvent, 'complained');
    assert.equal(world.suppressions.entries.size, 0);
    assert.equal(world.metrics.get('ComplaintsAmbiguous'), 1);
  });

  test('suppresses the one of several recipients that SES names', async () => {
    const world = createRecordEventWorld([both]);
    const named = {
      ...redacted,
      'complaint.complainedRecipients': [
        { emailAddress: 'BOB@example.net' },
        { emailAddress: 'eve@example.org' },
      ],
    };
    await world.receive(changed(readSesFixture('complaint'), named));
    assert.deepEqual([...world.suppressions.entries.keys()], [BOB]);
  });

  test('takes a hidden complainer for the only recipient', async () => {
    const world = createRecordEventWorld([sent()]);
    const hidden = { 'complaint.complainedRecipients': [{ emailAddress: 'redacted@example.net' }] };
    await world.receive(changed(readSesFixture('complaint'), hidden));
    assert.deepEqual([...world.suppressions.entries.keys()], [ANN]);
  });

  for (const order of [
    ['complaint', 'complaint-not-spam'],
    ['complaint-not-spam', 'complaint'],
  ]) {
    test(`lets the address go after ${order.join(', then ')}`, async () => {
      const world = createRecordEventWorld([sent()]);
      for (const fixture of order) await world.receive(readSesFixture(fixture));
      assert.equal(world.suppressions.entries.size, 0);
      assert.equal(world.state().lastEvent, 'sent');
    });
  }

  test('keeps a bounced address suppressed when its complaint is taken back', async () => {
    const world = createRecordEventWorld([sent()]);
    for (const fixture of ['bounce-permanent', 'complaint', 'complaint-not-spam']) {
      await world.receive(readSesFixture(fixture));
    }
    assert.equal(world.suppressions.entries.get(ANN)?.origin, 'bounce');
    assert.equal(world.state().lastEvent, 'bounced');
  });

  test('a not-spam report leaves an entry that another message caused', async () => {
    const world = createRecordEventWorld([sent()]);
    await world.suppressions.forScope('account').add({
      suppressionId: 'other',
      address: ANN,
      origin: 'complaint',
      sourceMessageId: 'another-message',
      createdAt: '2026-11-01T00:00:00.000Z',
    });
    await world.receive(readSesFixture('complaint-not-spam'));
    assert.equal(world.suppressions.entries.size, 1);
  });

  for (const origin of ['bounce', 'complaint', 'manual'] as const)
    test(`a complaint that is taken back leaves what a ${origin} from elsewhere says, in either order`, async () => {
      const elsewhere = {
        ...{ suppressionId: 'other', address: ANN, origin, createdAt: '2026-11-01T00:00:00.000Z' },
        ...(origin === 'manual' ? { reason: 'key-1' } : { sourceMessageId: 'another-message' }),
      };
      const steps = (world: ReturnType<typeof createRecordEventWorld>) => ({
        elsewhere: () => world.suppressions.forScope('account').add(elsewhere),
        complaint: () => world.receive(readSesFixture('complaint')),
        withdrawal: () => world.receive(readSesFixture('complaint-not-spam')),
      });
      for (const order of [
        ['elsewhere', 'complaint', 'withdrawal'],
        ['complaint', 'elsewhere', 'withdrawal'],
        ['complaint', 'withdrawal', 'elsewhere'],
        ['withdrawal', 'elsewhere', 'complaint'],
      ] as const) {
        const world = createRecordEventWorld([sent()]);
        for (const step of order) await steps(world)[step]();
        const entry = world.suppressions.entries.get(ANN);
        assert.deepEqual([entry?.origin, entry?.also], [origin, undefined], order.join());
      }
    });

  test('counts a report about our own authentication and records no complaint', async () => {
    const world = createRecordEventWorld([sent()]);
    await world.receive(readSesFixture('complaint-auth-failure'));
    assert.equal(world.metrics.get('AuthenticationReports'), 1);
    assert.equal(world.messages.facts.size, 0);
  });
});

describe('record-event and bounces of other addresses', () => {
  const forwarded = { 'bounce.bouncedRecipients': [{ emailAddress: 'ann@forwarded.example.org' }] };

  test('takes the address that a server reports for the only recipient', async () => {
    const world = createRecordEventWorld([sent()]);
    await world.receive(changed(readSesFixture('bounce-permanent'), forwarded));
    assert.deepEqual([...world.suppressions.entries.keys()], [ANN]);
    assert.equal(world.state().lastEvent, 'bounced');
  });

  test('suppresses no recipient for an address that the message did not go to', async () => {
    const world = createRecordEventWorld([sent({ cc: [BOB] })]);
    await world.receive(changed(readSesFixture('bounce-permanent'), forwarded));
    assert.equal(world.suppressions.entries.size, 0);
    assert.equal(world.state().lastEvent, 'bounced');
    assert.equal(world.metrics.get('BouncesUnattributed'), 1);
  });
});

describe('record-event and what it cannot place', () => {
  const unmatched: readonly [title: string, event: unknown][] = [
    ['without our tags', readSesFixture('legacy-bounce')],
    [
      'of a message whose time is over',
      changed(readSesFixture('delivery'), {
        'mail.tags.postlane-message-id': ['01900000-0000-7abc-8def-0123456789ab'],
        'mail.timestamp': '2024-06-09T10:00:01.000Z',
      }),
    ],
    [
      'of a message from a time that has not come',
      changed(readSesFixture('delivery'), {
        'mail.tags.postlane-message-id': ['01b00000-0000-7abc-8def-0123456789ab'],
      }),
    ],
    [
      'of a message that is not there',
      changed(readSesFixture('bounce-permanent'), {
        'mail.tags.postlane-message-id': ['01a207d9-2100-7abc-8def-ffffffffffff'],
      }),
    ],
    [
      'of a Send that is not there',
      changed(readSesFixture('send'), {
        'mail.tags.postlane-message-id': ['01a207d9-2100-7abc-8def-ffffffffffff'],
      }),
    ],
  ];
  for (const [title, event] of unmatched) {
    test(`counts and drops an event ${title}`, async () => {
      const world = createRecordEventWorld([sent()]);
      await world.receive(event);
      assert.equal(world.metrics.get('EventsUnmatched'), 1);
      assert.equal(world.messages.facts.size, 0);
      assert.equal(world.suppressions.entries.size, 0);
    });
  }

  test('counts and drops an event of a type that SES may invent', async () => {
    const world = createRecordEventWorld([sent()]);
    await world.receive({ eventType: 'Teleported', mail: {} });
    assert.equal(world.metrics.get('EventsOfUnknownType'), 1);
  });
});

describe('record-event while a store is down', () => {
  test('puts back a copy that says how often it has waited, and succeeds', async () => {
    const world = createRecordEventWorld([sent()]);
    world.down.add('appendFact:delivered');
    const event = onBus(readSesFixture('delivery'));
    await world.receive(event);
    await world.receive(world.requeued[0]?.event);

    assert.deepEqual(
      world.requeued.map(({ event, delaySeconds }) => [event.waits, delaySeconds]),
      [
        [1, 5],
        [2, 10],
      ],
    );
    world.down.clear();
    await world.receive(world.requeued[1]?.event);
    assert.equal(world.state().lastEvent, 'delivered');
  });

  test('throws where not even the queue can be written', async () => {
    const world = createRecordEventWorld([sent()]);
    world.down.add('appendFact:delivered').add('eventQueue');
    await assert.rejects(world.receive(readSesFixture('delivery')));
  });
});

describe('a stream with a list of its own', () => {
  const news = aStream({ name: 'news', kind: 'broadcast', suppressionScope: 'stream' });

  test('a stream with a list of its own keeps its bounces and complaints, and takes complaints back there', async () => {
    const world = createRecordEventWorld([sent({ stream: 'news' })], buildStreams([aStream(), news]));
    await world.receive(readSesFixture('complaint'));
    assert.deepEqual([...world.suppressions.entries.keys()], [`stream:news#${ANN}`]);
    await world.receive(readSesFixture('complaint-not-spam'));
    assert.deepEqual([...world.suppressions.entries.keys()], []);
    await world.receive(readSesFixture('bounce-permanent'));
    assert.deepEqual([...world.suppressions.entries.keys()], [`stream:news#${ANN}`]);
  });
});
