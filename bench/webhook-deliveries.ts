import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { aMail, request } from '../test/support/journeys/journey.ts';
import { startTestCloud, type TestCloud } from '../test/support/journeys/local-cloud.ts';
import { type Part, verdict } from './part.ts';

const DELIVERIES = 1_000;
const CLIENTS = 16;
const WARM_UP = 100;
/** Rate at which the two cores send and deliver beside everything else that runs on them. */
const MAILS_A_SECOND = 40;
const LINE_MS = 2_000;
const LINE_USD_PER_MILLION = 1;
/**
 * Price of what deliveries send out to the internet, billed by AWS apart from any operation: $0.09 per GB.
 */
const USD_PER_BYTE_OUT = 0.09 / 1e9;

interface Received {
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly atEpochMs: number;
}

/** Measures the time from SMTP taking a mail to the endpoint being told `email.delivered`. */
export const webhookDeliveries: Part = {
  title: `Webhooks: ${DELIVERIES} deliveries to a healthy endpoint, ${MAILS_A_SECOND} a second`,
  async run() {
    const received: Received[] = [];
    const server = createServer(async (incoming, outgoing) => {
      const body = await text(incoming);
      received.push({ headers: incoming.headers as Record<string, string>, body, atEpochMs: Date.now() });
      outgoing.end('ok');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const cloud = await startTestCloud();
    try {
      return await measure(cloud, (server.address() as AddressInfo).port, received);
    } finally {
      await cloud.close();
      server.close();
      server.closeAllConnections();
    }
  },
};

async function measure(cloud: TestCloud, port: number, received: Received[]): Promise<readonly string[]> {
  const { body } = await request(cloud, 'POST', '/webhooks', {
    endpoint: `http://127.0.0.1:${port}/`,
    events: ['email.delivered'],
  });
  await sendAll(cloud, 'warm', WARM_UP);
  await until(() => received.length >= WARM_UP);
  received.length = 0;
  await cloud.resetUsage();

  await sendAll(cloud, 'measured', DELIVERIES);
  await until(() => idsIn(received).size >= DELIVERIES);
  await pause(1_000);
  const usage = await cloud.usage();
  const verified = received.filter((each) => isSigned(each, String(body.signing_secret)));
  return [...report(received, verified.length), ...costOf(usage, received)];
}

async function sendAll(cloud: TestCloud, name: string, mails: number): Promise<void> {
  const startedAt = performance.now();
  const indexes = Array.from({ length: mails }, (_, index) => index).values();
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      for (const index of indexes) {
        await pause(Math.max(0, startedAt + (index * 1000) / MAILS_A_SECOND - performance.now()));
        await request(cloud, 'POST', '/emails', aMail({ to: `${name}-${index}@example.org` }));
      }
    }),
  );
}

function isSigned({ headers, body }: Received, secret: string): boolean {
  try {
    return Boolean(new Webhook(secret).verify(body, headers));
  } catch {
    return false;
  }
}

const idsIn = (received: readonly Received[]) => new Set(received.map(({ headers }) => headers['svix-id']));

/** The first time that each event came; SES's time of delivery is that at which SMTP took the mail. */
function report(received: readonly Received[], verified: number): readonly string[] {
  const first = new Map(received.toReversed().map((each) => [each.headers['svix-id'], each]));
  const delays = [...first.values()]
    .map(({ body, atEpochMs }) => atEpochMs - Date.parse(JSON.parse(body).created_at))
    .sort((one, other) => one - other);
  const at = (share: number) => delays[Math.ceil(delays.length * share) - 1] ?? Number.NaN;
  return [
    `${received.length} requests for ${first.size} events, ${verified} with a signature that verifies`,
    `from SMTP to the endpoint: median ${at(0.5)} ms, p99 ${at(0.99)} ms (line ${LINE_MS}: ${verdict(at(0.99), LINE_MS)}), longest ${at(1)} ms`,
  ];
}

function costOf(
  { operations }: Awaited<ReturnType<TestCloud['usage']>>,
  received: readonly Received[],
): readonly string[] {
  const perMillion = 1_000_000 / received.length;
  const isItsOwn = (row: (typeof operations)[number]) =>
    row.function === 'deliver-webhook' || (row.function === 'publish-events' && row.service === 'sqs');
  const operationsUsd = operations.filter(isItsOwn).reduce((sum, { usd }) => sum + usd, 0) * perMillion;
  const bytes = received.reduce(
    (sum, { headers, body }) => sum + JSON.stringify(headers).length + body.length,
    0,
  );
  const outUsd = (bytes / received.length) * USD_PER_BYTE_OUT * 1_000_000;
  const total = operationsUsd + outUsd;
  return [
    `$${total.toFixed(2)} per million deliveries (line $${LINE_USD_PER_MILLION.toFixed(2)}: ${verdict(total, LINE_USD_PER_MILLION)}), $${outUsd.toFixed(2)} of it for bytes out`,
  ];
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries += 1) {
    if (tries > 1_200) throw new Error('Not all webhooks have come within two minutes.');
    await pause(100);
  }
}
