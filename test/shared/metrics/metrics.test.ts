import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { PUBLISHED_EVENT_TYPES } from '../../../shared/event-catalog/contract/published-types.ts';
import type { PublishedEvent } from '../../../shared/events/published-event.ts';
import { type Counts, countsOf, sumOf } from '../../../shared/metrics/event-counts.ts';
import { cellsOf, contributionsOf } from '../../../shared/metrics/hour-counters.ts';
import { METRICS, metricOf } from '../../../shared/metrics/metrics.ts';
import { anEvent } from '../../support/event-log/memory-event-log.ts';

const bounced = (type: unknown): Partial<PublishedEvent> => ({
  type: 'email.bounced',
  data: { bounce: { type } },
});

const COUNTED_AS: readonly [string, Partial<PublishedEvent>, Counts][] = [
  ['a mail', { type: 'email.sent' }, { received: 1, sent: 1 }],
  ['a mail to three', { type: 'email.sent', recipientCount: 3 }, { received: 3, sent: 3 }],
  [
    'a dropped recipient',
    { type: 'email.suppressed', isInsteadOfSent: true },
    { received: 1, suppressed: 1 },
  ],
  [
    'a recipient whom SES has dropped after it took the mail',
    { type: 'email.suppressed' },
    { suppressed: 1 },
  ],
  [
    'a mail that never left',
    { type: 'email.failed', recipientCount: 2, isInsteadOfSent: true },
    { received: 2, failed: 2 },
  ],
  ['a mail that SES took and then rejected', { type: 'email.failed', recipientCount: 2 }, { failed: 2 }],
  ['a delivery', { type: 'email.delivered' }, { delivered: 1 }],
  ['a delay', { type: 'email.delivery_delayed' }, { delivery_delayed: 1 }],
  ['a hard bounce', bounced('Permanent'), { bounced_permanent: 1 }],
  ['a soft bounce', bounced('Transient'), { bounced_transient: 1 }],
  ['a bounce that does not say why', bounced('Undetermined'), { bounced_undetermined: 1 }],
  ['a bounce of an unknown kind', bounced(undefined), { bounced_undetermined: 1 }],
  ['a bounce that says nothing at all', { type: 'email.bounced', data: {} }, { bounced_undetermined: 1 }],
  ['a complaint', { type: 'email.complained' }, { complained: 1 }],
  ['an unsubscribed recipient', { type: 'email.unsubscribed' }, { unsubscribed: 1 }],
  ['the first open', { type: 'email.opened', isFirst: true }, { opened: 1, unique_opened: 1 }],
  ['another open', { type: 'email.opened' }, { opened: 1 }],
  ['the first click', { type: 'email.clicked', isFirst: true }, { clicked: 1, unique_clicked: 1 }],
  ['another click', { type: 'email.clicked' }, { clicked: 1 }],
  ["a machine's open", { type: 'email.opened', isMachine: true }, { machine_opened: 1 }],
  ["a machine's click", { type: 'email.clicked', isMachine: true }, { machine_clicked: 1 }],
  ['mail for later', { type: 'email.scheduled' }, {}],
  ['a domain', { type: 'domain.created' }, {}],
  ['an entry of a suppression list', { type: 'suppression.added' }, {}],
];

describe('what an event counts as', () => {
  for (const [what, event, counts] of COUNTED_AS)
    test(`counts ${what} as ${Object.keys(counts).join(' and ') || 'nothing'}`, () => {
      assert.deepEqual(countsOf(anEvent(event)), counts);
    });

  test('the table has every type of event', () => {
    const types = new Set(COUNTED_AS.map(([, { type }]) => type));
    assert.deepEqual(
      PUBLISHED_EVENT_TYPES.filter((type) => type.startsWith('email.') && !types.has(type)),
      [],
    );
  });
});

describe('metrics', () => {
  const counts: Counts = {
    ...{ sent: 1204, delivered: 1180, unique_opened: 590, opened: 900, unique_clicked: 84, clicked: 100 },
    ...{
      bounced_transient: 3,
      bounced_permanent: 5,
      bounced_undetermined: 1,
      complained: 1,
      unsubscribed: 7,
    },
  };

  test('bounces are the sum of their three kinds', () => {
    assert.equal(metricOf(counts, 'bounced'), 9);
  });

  test('rates are percentages of what was sent or delivered, with two decimals', () => {
    const rates = METRICS.filter((metric) => metric.endsWith('_rate'));
    assert.deepEqual(Object.fromEntries(rates.map((rate) => [rate, metricOf(counts, rate)])), {
      delivery_rate: 98.01,
      open_rate: 50,
      click_rate: 7.12,
      bounce_rate: 0.75,
      complaint_rate: 0.08,
      unsubscribe_rate: 0.59,
    });
  });

  test('every metric of nothing is 0', () => {
    for (const metric of METRICS) assert.equal(metricOf({}, metric), 0, metric);
  });
});

const someEvent = fc
  .record({
    type: fc.constantFrom(...PUBLISHED_EVENT_TYPES),
    recipientCount: fc.integer({ min: 2, max: 50 }),
    isFirst: fc.boolean(),
    isMachine: fc.boolean(),
    atEpochMs: fc.integer({ min: Date.UTC(2026, 10, 23), max: Date.UTC(2026, 10, 23, 5) }),
    from: fc.constantFrom('a@example.com', 'Bo <b@example.org>', 'no address', undefined),
  })
  .map(({ isFirst, isMachine, atEpochMs, from, ...rest }) =>
    anEvent({
      ...rest,
      ...(isFirst ? { isFirst } : {}),
      ...(isMachine ? { isMachine } : {}),
      createdAt: new Date(atEpochMs).toISOString(),
      data: { from },
    }),
  );

describe('counts of events', () => {
  const shuffled = fc
    .array(someEvent, { maxLength: 40 })
    .chain((events) =>
      fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })),
    );

  test('counts are the same in any order of events, and however they are cut into blocks', () => {
    fc.assert(
      fc.property(shuffled, fc.integer({ min: 1, max: 9 }), ([events, others], size) => {
        const blocks = Array.from({ length: Math.ceil(others.length / size) }, (_, number) => ({
          number,
          events: others.slice(number * size, (number + 1) * size),
        }));
        const cells = cellsOf([], blocks);
        assert.deepEqual(sumOf(cells.map(({ counts }) => counts)), sumOf(events.map(countsOf)));
        assert.ok(cells.every(({ epochMs }) => epochMs % 900_000 === 0));
      }),
    );
  });

  test('events are told to the hour that they happened in', () => {
    const at = (createdAt: string) => anEvent({ createdAt });
    const events = [at('2026-11-23T04:59:59.999Z'), at('2026-11-23T05:00:00.000Z')];
    const hours = contributionsOf([{ number: 7, events }]);
    assert.deepEqual(
      [...hours].map(([hour, [told]]) => [hour, told?.block, told?.epochMs]),
      [
        ['2026-11-23T04', 7, Date.UTC(2026, 10, 23, 4, 45)],
        ['2026-11-23T05', 7, Date.UTC(2026, 10, 23, 5)],
      ],
    );
  });
});
