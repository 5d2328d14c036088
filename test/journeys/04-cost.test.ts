import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../support/base/eventually.ts';
import { nowOf, request, send } from '../support/journeys/journey.ts';
import { startTestCloud, type TestCloud } from '../support/journeys/local-cloud.ts';

const MESSAGES = 10;
/** The concurrency of a stream. */
const WORKERS = 2;

/** Operations that do not depend on how records happen to be batched; requests and units for one message. */
const PER_MESSAGE = {
  'accept-message dynamodb PutItem': { requests: 2, units: 2 },
  'accept-message sqs SendMessage': { requests: 1, units: 1 },
  'send-message ses SendEmail': { requests: 1, units: 1 },
  'send-message dynamodb UpdateItem': { requests: 2, units: 2 },
  'record-event dynamodb GetItem': { requests: 1, units: 0.5 },
  'record-event dynamodb PutItem': { requests: 1, units: 1 },
} as const;

describe('what one message costs', () => {
  let cloud: TestCloud;
  before(async () => {
    cloud = await startTestCloud();
  });
  after(() => cloud.close());

  test('the rows of a usage report sum to its totals', async () => {
    await send(cloud);
    await eventually(async () => assert.equal(await factsWritten(cloud), 1));
    const usage = await cloud.usage();
    const sum = (isSes: boolean) =>
      usage.operations
        .filter((row) => (row.service === 'ses') === isSes)
        .reduce((total, row) => total + row.usd, 0);
    assert.ok(Math.abs(sum(false) - usage.totalUsd) < 1e-12);
    assert.ok(Math.abs(sum(true) - usage.sesUsd) < 1e-12);
    assert.equal((await request(cloud, 'DELETE', '/_local/usage')).status, 200);
  });

  test('a 2 KB mail, content kept and delivered, makes exactly these operations', async () => {
    const mail = { html: '<p>line</p>'.repeat(100), text: 'line\n'.repeat(180) };
    await send(cloud, { ...mail, to: 'warm@example.org' });
    await eventually(async () => assert.equal((await cloud.inbox('warm@example.org')).length, 1));
    await eventually(async () => assert.equal(await factsWritten(cloud), 1));

    const { operations, seconds } = await measure(cloud, mail);
    const counted = Object.fromEntries(
      operations
        .filter((row) => `${row.function} ${row.service} ${row.operation}` in PER_MESSAGE)
        .map((row) => [
          `${row.function} ${row.service} ${row.operation}`,
          { requests: row.requests / MESSAGES, units: row.units / MESSAGES },
        ]),
    );
    assert.deepEqual(counted, PER_MESSAGE);

    const api = operations.find((row) => row.service === 'apigateway');
    assert.equal(api?.units, MESSAGES);
    const reads = operations.filter(
      (row) => row.function === 'send-message' && /GetItem/.test(row.operation),
    );
    // One for its recipient; what is read of the stream, the account and the rate follows from time and not from mail.
    const beyond = reads.reduce((sum, row) => sum + row.units, 0) - MESSAGES;
    assert.ok(beyond >= 0 && beyond <= 2 * WORKERS * Math.ceil(seconds), `${beyond} in ${seconds} s`);
  });
});

/**
 * What ten mails cost. Where SES's report of one overtakes SES's own answer, `record-event` writes to its row and may read
 * it again: that is another measurement, and it is made anew.
 */
async function measure(cloud: TestCloud, mail: Record<string, string>) {
  for (let tries = 0; tries < 5; tries += 1) {
    await fetch(`${cloud.url}/_local/usage`, { method: 'DELETE' });
    const startedAt = await nowOf(cloud);
    for (let index = 0; index < MESSAGES; index += 1)
      await send(cloud, { ...mail, to: `cost-${index}@example.org` });
    await eventually(async () => assert.equal(await factsWritten(cloud), MESSAGES));
    const { operations } = await cloud.usage();
    const seconds = ((await nowOf(cloud)) - startedAt) / 1000;
    const isOvertaken = operations.some(
      (row) => row.function === 'record-event' && row.operation === 'UpdateItem',
    );
    if (!isOvertaken) return { operations, seconds };
  }
  return assert.fail('reports overtake answers, every time');
}

async function factsWritten(cloud: TestCloud): Promise<number> {
  const { operations } = await cloud.usage();
  return (
    operations.find((row) => row.function === 'record-event' && row.operation === 'PutItem')?.requests ?? 0
  );
}
