import { setTimeout as pause } from 'node:timers/promises';
import { request } from '../test/support/journeys/journey.ts';
import { startTestCloud, type TestCloud } from '../test/support/journeys/local-cloud.ts';
import { type Part, verdict } from './part.ts';

const LINE_USD_PER_MILLION = 6.4;
/** Events without a subscriber: the log, and what counts it. */
const EVENTS_LINE_USD_PER_MILLION = 0.15;
const MESSAGES = 600;
const CLIENTS = 32;
const TRICKLE_MESSAGES = 20;

/** A receipt of about 2 KB of html and text together, different for every message as receipts are. */
function aReceipt(index: number) {
  const lines = Array.from(
    { length: 12 },
    (_, line) => `Item ${line} of order ${index}: ${(index * 37 + line) % 97}.00`,
  );
  return {
    from: 'shop@example.com',
    to: `buyer-${index}@example.org`,
    subject: `Your receipt ${index}`,
    html: `<h1>Thank you</h1><ul>${lines.map((line) => `<li style="color:#222">${line}</li>`).join('')}</ul>`.padEnd(
      1300,
      ' ',
    ),
    text: `Thank you\n${lines.join('\n')}`.padEnd(700, ' '),
  };
}

/** Cost of all AWS operations but SES for one message, sent singly, content kept, delivered. */
export const costPerMillion: Part = {
  title: `Cost per million: ${MESSAGES} single sends of 2 KB by ${CLIENTS} clients, delivered`,
  async run() {
    const cloud = await startTestCloud();
    try {
      await sendAll(cloud, 64, CLIENTS);
      const loaded = await measure(cloud, () => sendAll(cloud, MESSAGES, CLIENTS), MESSAGES);
      const trickle = await measure(cloud, () => trickled(cloud), TRICKLE_MESSAGES);
      return [
        `$${loaded.usdPerMillion.toFixed(2)} per million (line $${LINE_USD_PER_MILLION.toFixed(2)}: ${verdict(loaded.usdPerMillion, LINE_USD_PER_MILLION)})`,
        ...loaded.rows,
        `and their events, with no subscriber: $${loaded.eventsUsdPerMillion.toFixed(3)} per million mails, $${(loaded.eventsUsdPerMillion / 2).toFixed(3)} per million events (line $${EVENTS_LINE_USD_PER_MILLION.toFixed(2)}: ${verdict(loaded.eventsUsdPerMillion, EVENTS_LINE_USD_PER_MILLION)})`,
        ...loaded.eventRows,
        `at one message a second: $${trickle.usdPerMillion.toFixed(2)} per million (batches of one), $${trickle.eventsUsdPerMillion.toFixed(2)} for events`,
      ];
    } finally {
      await cloud.close();
    }
  },
};

async function measure(cloud: TestCloud, load: () => Promise<void>, messages: number) {
  await fetch(`${cloud.url}/_local/usage`, { method: 'DELETE' });
  await load();
  const usage = await cloud.usage();
  const perMillion = 1_000_000 / messages;
  const isOfEvents = (row: Row) => row.function === 'publish-events';
  const rowsOf = (isWanted: (row: Row) => boolean) =>
    usage.operations
      .filter((row) => row.service !== 'ses' && row.usd > 0 && isWanted(row))
      .sort((a, b) => b.usd - a.usd)
      .map(
        (row) =>
          `  $${(row.usd * perMillion).toFixed(3)}  ${row.function} ${row.service} ${row.operation}: ${(row.requests / messages).toFixed(2)} requests a message`,
      );
  const eventsUsd = usage.operations.filter(isOfEvents).reduce((sum, { usd }) => sum + usd, 0);
  return {
    usdPerMillion: (usage.totalUsd - usage.idleUsd - eventsUsd) * perMillion,
    rows: rowsOf((row) => !isOfEvents(row)),
    eventsUsdPerMillion: eventsUsd * perMillion,
    eventRows: rowsOf(isOfEvents),
  };
}

type Row = Awaited<ReturnType<TestCloud['usage']>>['operations'][number];

async function sendAll(cloud: TestCloud, messages: number, clients: number): Promise<void> {
  const ids: string[] = [];
  const indexes = Array.from({ length: messages }, (_, index) => index).values();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (const index of indexes) ids.push(await sendOne(cloud, index));
    }),
  );
  await untilDelivered(cloud, messages);
}

async function trickled(cloud: TestCloud): Promise<void> {
  for (let index = 0; index < TRICKLE_MESSAGES; index += 1) {
    await sendOne(cloud, index);
    await pause(1000);
  }
  await untilDelivered(cloud, TRICKLE_MESSAGES);
}

async function sendOne(cloud: TestCloud, index: number): Promise<string> {
  const { status, body } = await request(cloud, 'POST', '/emails', aReceipt(index));
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  return String(body.id);
}

/** Counts the writes of delivery facts, so that waiting adds no billed read. */
async function untilDelivered(cloud: TestCloud, messages: number): Promise<void> {
  for (;;) {
    const { operations } = await cloud.usage();
    const facts = operations.find((row) => row.function === 'record-event' && row.operation === 'PutItem');
    if ((facts?.requests ?? 0) >= messages) return;
    await pause(100);
  }
}
