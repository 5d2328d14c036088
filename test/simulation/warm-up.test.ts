import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dayOf } from '../../shared/base/days.ts';
import type { MailboxProvider, StreamSettings } from '../../shared/streams/stream-settings.ts';
import { type Allowance, createAllowance } from '../../shared/warm-up/services/allowance.ts';
import { allowanceOn } from '../../shared/warm-up/warm-up.ts';
import { createChance } from '../support/base/virtual-time.ts';
import { createLedgerFake } from '../support/warm-up/warm-up-world.ts';

const DAY_MS = 86_400_000;
const STARTED_ON = '2026-11-01';
const START_EPOCH_MS = Date.parse(STARTED_ON);
const DAYS = 45;
const WORKERS = 4;

type Stream = Pick<StreamSettings, 'name' | 'warmUp'> & { readonly largestMail: number };

const STREAMS: readonly Stream[] = [
  {
    name: 'transactional',
    warmUp: { plan: { start: 50, growth: 1.12, target: 1_500 }, waits: false },
    largestMail: 1,
  },
  {
    name: 'broadcast',
    warmUp: { plan: { start: 40, growth: 1.12, target: 2_000 }, waits: true },
    largestMail: 1,
  },
  {
    name: 'digest',
    warmUp: {
      plan: [20, 40, 80, 150, 300, 500, 700, 900],
      providers: { gmail: { start: 10, growth: 1.1, target: 200 } },
      waits: false,
    },
    largestMail: 3,
  },
];

interface Tally {
  dedicated: number;
  overflow: number;
  waiting: number;
}

interface Worker {
  allowance: Allowance;
  /** Recipients that went out on it since it began. */
  readonly dedicated: Map<string, number>;
}

describe('45 days of warm-up, three streams, four workers that die now and then', async () => {
  const chance = createChance(45);
  const ledger = createLedgerFake();
  let nowEpochMs = START_EPOCH_MS;
  const clock = { nowEpochMs: () => nowEpochMs };
  const open = (): Worker => ({ allowance: createAllowance({ ledger, clock }), dedicated: new Map() });
  const workers = Array.from({ length: WORKERS }, open);
  const state = { warmUpStartedOn: STARTED_ON, poolIps: ['192.0.2.1'] };

  /** Per line of the ledger and in all: what really went out. */
  const sent = new Map<string, Tally>();
  const due = new Map<string, number>();
  /** Overflow although the ledger had what the mail needed. */
  let wrongOverflows = 0;
  let deaths = 0;

  const tallyOf = (key: string): Tally => {
    const tally = sent.get(key) ?? { dedicated: 0, overflow: 0, waiting: 0 };
    sent.set(key, tally);
    return tally;
  };

  const hasLeft = (
    stream: Stream,
    day: string,
    recipients: readonly MailboxProvider[],
    dayNumber: number,
  ) => {
    const leftOf = (provider: MailboxProvider | 'all', allowance: number) =>
      allowance - (ledger.lines.get(`${stream.name}#${day}#${provider}`)?.used ?? 0);
    const { plan, providers = {} } = stream.warmUp ?? { plan: [] };
    const gmail = recipients.filter((provider) => provider === 'gmail').length;
    const gmailLeft = providers.gmail ? leftOf('gmail', allowanceOn(providers.gmail, dayNumber)) : Infinity;
    return leftOf('all', allowanceOn(plan, dayNumber)) >= recipients.length && gmailLeft >= gmail;
  };

  const send = async (stream: Stream, dayNumber: number, count: number) => {
    const day = dayOf(nowEpochMs);
    const recipients = Array.from(
      { length: 1 + Math.floor(chance() * stream.largestMail) },
      (): MailboxProvider => (chance() < 0.4 ? 'gmail' : 'rest'),
    );
    const worker = workers[count % WORKERS];
    const decision = await worker?.allowance.take(stream, state, recipients);
    const tally = tallyOf(`${stream.name}#${day}#all`);
    if (decision?.kind === 'dedicated') {
      tally.dedicated += recipients.length;
      tallyOf(`${stream.name}#${day}#gmail`).dedicated += recipients.filter(
        (each) => each === 'gmail',
      ).length;
      return;
    }
    if (hasLeft(stream, day, recipients, dayNumber)) wrongOverflows += 1;
    if (decision?.kind === 'wait-for-tomorrow') {
      assert.equal(decision.dueEpochMs, START_EPOCH_MS + dayNumber * DAY_MS);
      tally.waiting += recipients.length;
      due.set(stream.name, (due.get(stream.name) ?? 0) + 1);
    } else tally.overflow += recipients.length;
  };

  const totals = new Map<string, number>();
  for (let day = 1; day <= DAYS; day++) {
    nowEpochMs = START_EPOCH_MS + (day - 1) * DAY_MS;
    const queues = STREAMS.map((stream) => {
      const fresh = Math.floor(allowanceOn(stream.warmUp?.plan ?? [], day) * (0.6 + chance()));
      const fromYesterday = due.get(stream.name) ?? 0;
      due.set(stream.name, 0);
      return { stream, mails: fresh + fromYesterday };
    });
    for (let count = 0; count < Math.max(...queues.map((queue) => queue.mails)); count += WORKERS * 5) {
      nowEpochMs += 10_000;
      const batch = queues.flatMap((queue) =>
        Array.from({ length: Math.min(WORKERS * 5, Math.max(0, queue.mails - count)) }, (_, index) =>
          send(queue.stream, day, count + index),
        ),
      );
      await Promise.all(batch);
      if (chance() < 0.01) {
        workers[Math.floor(chance() * WORKERS)] = open();
        deaths += 1;
      }
    }
    for (const { stream, mails: all } of queues) totals.set(`${stream.name}#${dayOf(nowEpochMs)}`, all);
  }

  const linesOf = (provider: string) =>
    [...sent].filter(([key]) => key.endsWith(`#${provider}`)).map(([key, tally]) => ({ key, tally }));
  const dayNumberOf = (key: string) => (Date.parse(key.split('#')[1] ?? '') - START_EPOCH_MS) / DAY_MS + 1;
  const planOf = (key: string) => STREAMS.find(({ name }) => name === key.split('#')[0])?.warmUp;

  test('the allowance of a day is never exceeded, by stream and by provider', () => {
    assert.ok(deaths > 5);
    for (const { key, tally } of linesOf('all'))
      assert.ok(tally.dedicated <= allowanceOn(planOf(key)?.plan ?? [], dayNumberOf(key)), key);
    for (const { key, tally } of linesOf('gmail')) {
      const plan = planOf(key)?.providers?.gmail;
      if (plan !== undefined) assert.ok(tally.dedicated <= allowanceOn(plan, dayNumberOf(key)), key);
    }
  });

  test('nothing overflows or waits while the ledger has what it needs', () => {
    assert.equal(wrongOverflows, 0);
  });

  test('every mail is accounted for', () => {
    for (const stream of STREAMS.filter(({ largestMail }) => largestMail === 1)) {
      for (let day = 1; day <= DAYS; day++) {
        const date = dayOf(START_EPOCH_MS + (day - 1) * DAY_MS);
        const { dedicated, overflow, waiting } = tallyOf(`${stream.name}#${date}#all`);
        assert.equal(dedicated + overflow + waiting, totals.get(`${stream.name}#${date}`));
      }
    }
  });

  test('workers hold all that a day leaves unused, a twentieth each at most', () => {
    for (const { key, tally } of linesOf('all').filter(({ tally }) => tally.overflow + tally.waiting > 50)) {
      if (key.startsWith('digest')) continue;
      const allowance = allowanceOn(planOf(key)?.plan ?? [], dayNumberOf(key));
      const leased = ledger.lines.get(key)?.used;
      assert.equal(leased, allowance, `${key} is leased to the last one`);
      assert.ok(allowance - tally.dedicated <= Math.ceil(allowance / 20) * 2, `${key}: ${tally.dedicated}`);
    }
  });

  test('the ledger shows the overflow, but for what is not written yet', async () => {
    for (const { allowance } of workers) await allowance.flush();
    const shown = [...ledger.lines.values()].reduce(
      (sum, { line, overflowed }) => (line.provider === 'all' ? sum + overflowed : sum),
      0,
    );
    const real = linesOf('all').reduce((sum, { tally }) => sum + tally.overflow, 0);
    assert.ok(real > 1_000);
    assert.ok(shown <= real && shown >= real * 0.95, `${shown} of ${real}`);
  });

  test('a line of the ledger costs a few hundred writes a day, for any number of mails', () => {
    const perLine = ledger.counts.writes / ledger.lines.size;
    assert.ok(perLine < 200, `${perLine} writes for each line`);
  });
});
