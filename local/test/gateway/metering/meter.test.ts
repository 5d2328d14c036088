import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { priceOf } from '../../../../shared/base/list-prices.ts';
import { createMeter } from '../../../src/gateway/metering/meter.ts';
import type { Usage } from '../../../src/gateway/metering/usage.ts';
import { usageRoutes } from '../../../src/gateway/metering/usage-routes.ts';
import type { Clock } from '../../../src/host/clock.ts';
import { createLocalRouter } from '../../../src/host/local-routes.ts';

const START = Date.parse('2026-01-02T03:04:05.000Z');

function aClock(): Clock {
  let now = START;
  return {
    now: () => now,
    advance: (seconds) => {
      now += seconds * 1000;
    },
    onAdvance: () => {},
    offsetCell: new SharedArrayBuffer(8),
  };
}

const aUsage = (overrides: Partial<Usage> = {}): Usage => ({
  ...{ functionName: 'send-message', service: 'sqs', operation: 'SendMessage' },
  ...{ requests: 1, units: 1, unit: '64KB chunk' },
  ...overrides,
});

function reportOf(...usages: Usage[]) {
  const meter = createMeter(aClock());
  for (const usage of usages) meter.record(usage);
  return meter.report();
}

const assertClose = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= 1e-12 * Math.max(1, expected), `${actual} is not ${expected}`);

describe('prices of a million in us-east-1', () => {
  for (const [service, unit, expected] of [
    ['dynamodb', 'WRU', 0.625],
    ['dynamodb', 'RRU', 0.125],
    ['sqs', '64KB chunk', 0.4],
    ['sqs', 'empty receive', 0.4],
    ['sqs', 'fair surcharge', 0.1],
    ['sns', '64KB chunk', 0.5],
    ['s3', 'PUT', 5],
    ['s3', 'GET', 0.4],
    ['s3', 'DELETE', 0],
    ['lambda', 'request', 0.2],
    ['lambda', 'GB-s', 13.3334],
    ['apigateway', '512KB chunk', 1],
    ['logs', 'GB', 500_000],
    ['events', 'AWS event', 0],
    ['events', '64KB chunk', 1],
    ['ses', 'recipient', 100],
    ['ses', 'attachment GB', 120_000],
  ] as const) {
    test(`a million ${unit} of ${service} cost ${expected} USD`, () =>
      assertClose(priceOf(service, unit) * 1e6, expected));
  }
});

describe('the usage report', () => {
  test('the usage report is empty from the start', () => {
    assert.deepEqual(reportOf(), {
      since: '2026-01-02T03:04:05.000Z',
      ...{ totalUsd: 0, sesUsd: 0, idleUsd: 0, operations: [] },
    });
  });

  test('the usage report adds up one row per function, service, operation and unit', () => {
    const { operations } = reportOf(
      aUsage(),
      aUsage({ units: 2 }),
      aUsage({ functionName: 'accept-message' }),
      aUsage({ service: 'sns' }),
      aUsage({ operation: 'DeleteMessage' }),
      aUsage({ unit: 'fair surcharge', requests: 0 }),
    );

    assert.equal(operations.length, 5);
    assert.deepEqual(operations[0], {
      ...{ function: 'send-message', service: 'sqs', operation: 'SendMessage' },
      ...{ requests: 2, units: 3, unit: '64KB chunk', usd: 3 * priceOf('sqs', '64KB chunk') },
    });
  });

  test('keeps SES apart and counts empty receives within the total', () => {
    const { totalUsd, sesUsd, idleUsd } = reportOf(
      aUsage(),
      aUsage({ operation: 'ReceiveMessage', unit: 'empty receive' }),
      aUsage({ service: 'ses', operation: 'SendEmail', unit: 'recipient', units: 3 }),
    );

    assertClose(totalUsd, 0.8e-6);
    assertClose(idleUsd, 0.4e-6);
    assertClose(sesUsd, 0.3e-3);
  });

  test('bills an invocation as a request and by its duration', () => {
    const { operations } = reportOf(
      aUsage({ service: 'lambda', operation: 'Invoke', units: 0.5, unit: 'GB-s' }),
    );
    assert.deepEqual(
      operations.map(({ requests, units, unit }) => [requests, units, unit]),
      [
        [1, 1, 'request'],
        [0, 0.5, 'GB-s'],
      ],
    );
  });

  test('the usage report has rows that sum to its totals, with any usage recorded', () => {
    const priced = fc.constantFrom<Partial<Usage>>(
      { service: 'ses', unit: 'recipient' },
      { service: 'ses', unit: 'attachment GB' },
      { service: 'sqs', unit: 'empty receive' },
      { service: 'dynamodb', unit: 'RRU' },
      { service: 'lambda', unit: 'GB-s' },
      { service: 'logs', unit: 'GB' },
    );
    const amounts = fc.record({ requests: fc.nat(9), units: fc.double({ min: 0, max: 1e6, noNaN: true }) });

    fc.assert(
      fc.property(fc.array(fc.tuple(priced, amounts)), (parts) => {
        const usages = parts.map(([kind, amount]) => aUsage({ ...kind, ...amount }));
        const { operations, totalUsd, sesUsd } = reportOf(...usages);
        const rowsUsd = operations.reduce((total, { usd }) => total + usd, 0);
        assertClose(totalUsd + sesUsd, rowsUsd);
      }),
    );
  });

  test('refuses a unit without a price and keeps what it had', () => {
    const meter = createMeter(aClock());
    meter.record(aUsage());

    assert.throws(() => meter.record(aUsage({ unit: 'WRU' })), /No price for the unit "WRU" of sqs/);
    assert.equal(meter.report().operations.length, 1);
  });

  test('the usage report starts anew after a reset', () => {
    const clock = aClock();
    const meter = createMeter(clock);
    meter.record(aUsage());
    clock.advance(60);

    meter.reset();

    assert.equal(meter.report().since, '2026-01-02T03:05:05.000Z');
    assert.deepEqual(meter.report().operations, []);
  });
});

describe('/_local/usage', () => {
  test('the usage route reports on GET and starts anew on DELETE', async () => {
    const meter = createMeter(aClock());
    const route = createLocalRouter(usageRoutes(meter));
    const rowsAfter = async (method: string) => {
      const { status, body } = await route(method, '/_local/usage', Buffer.alloc(0));
      assert.equal(status, 200);
      return JSON.parse(body.toString()).operations.length;
    };
    meter.record(aUsage());

    assert.equal(await rowsAfter('GET'), 1);
    assert.equal(await rowsAfter('DELETE'), 0);
    assert.equal(await rowsAfter('GET'), 0);
  });
});
