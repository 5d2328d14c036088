import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { faultRoutes } from '../../src/gateway/fault-routes.ts';
import { createFaults } from '../../src/gateway/faults.ts';

const aRule = (more: object = {}) => ({ service: 'ses', operation: 'SendEmail', fault: 'error', ...more });

/** Random numbers that come in this order, over and over. */
const inTurn = (...numbers: number[]) => {
  let at = 0;
  return () => numbers[at++ % numbers.length] ?? 0;
};

describe('fault rules', () => {
  test('the first rule that hits decides, and rules count their hits', () => {
    const faults = createFaults();
    faults.set([
      aRule({ operation: 'GetAccount' }),
      aRule({ count: 1, fault: 'throttle' }),
      aRule({ operation: '*', fault: 'latency', ms: 5 }),
    ]);
    assert.deepEqual(faults.roll('ses', 'SendEmail'), { kind: 'throttle' });
    assert.deepEqual(faults.roll('ses', 'SendEmail'), { kind: 'latency', ms: 5 });
    assert.deepEqual(faults.roll('sqs', 'SendMessage'), { kind: 'none' });
    assert.deepEqual(
      faults.list().map(({ hits }) => hits),
      [0, 1, 1],
    );
  });

  test('a rate hits that share of the calls', () => {
    const faults = createFaults(inTurn(0.2, 0.4));
    faults.set([aRule({ rate: 0.3 })]);
    const kinds = [1, 2, 3, 4].map(() => faults.roll('ses', 'SendEmail').kind);
    assert.deepEqual(kinds, ['error', 'none', 'error', 'none']);
  });

  test('a crash comes before or after by a coin, or when it is told', () => {
    const faults = createFaults(inTurn(0.1, 0.1, 0.1, 0.9));
    faults.set([aRule({ fault: 'crash' })]);
    assert.deepEqual(faults.roll('ses', 'SendEmail'), { kind: 'crash', when: 'before' });
    assert.deepEqual(faults.roll('ses', 'SendEmail'), { kind: 'crash', when: 'after' });
    faults.set([aRule({ fault: 'crash', when: 'after' })]);
    assert.deepEqual(faults.roll('ses', 'SendEmail'), { kind: 'crash', when: 'after' });
  });
});

describe('/_local/faults', () => {
  const open = () => {
    const faults = createFaults();
    const routes = faultRoutes(faults);
    return async (method: string, value?: unknown) => {
      const route = routes.find((candidate) => candidate.method === method);
      const body = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value ?? null));
      const reply = await route?.handle({ params: {}, rawQuery: '', body });
      return { status: reply?.status, body: JSON.parse(String(reply?.body)) };
    };
  };

  test('the faults route takes rules, shows them with their hits, and drops them', async () => {
    const call = open();
    const shown = [{ ...aRule(), hits: 0 }];
    assert.deepEqual(await call('POST', [aRule()]), { status: 200, body: shown });
    assert.deepEqual(await call('GET'), { status: 200, body: shown });
    assert.deepEqual(await call('DELETE'), { status: 200, body: [] });
    assert.deepEqual((await call('GET')).body, []);
  });

  for (const [what, posted, message] of [
    ['no JSON', '[', /must be JSON/],
    ['no array', aRule(), /array of rules/],
    ['a service that is not there', [aRule({ service: 'kms' })], /Rule 0: `service` must be one of ses, sqs/],
    ['no operation', [aRule({ operation: '' })], /`operation` must be an API name or \*/],
    ['an unknown fault', [aRule({ fault: 'fire' })], /`fault` must be one of/],
    ['a rate above one', [aRule({ rate: 1.1 })], /`rate` must be a number from 0 to 1/],
    ['a count of none', [aRule({ count: 0 })], /`count` must be a whole number above 0/],
    ['a latency without end', [aRule({ ms: 1e9 })], /`ms` must be milliseconds/],
    ['an odd moment', [aRule({ when: 'during' })], /`when` must be one of before, after/],
    ['a misspelt field', [aRule(), aRule({ rates: 1 })], /Rule 1: no field `rates`/],
    ['nothing for a rule', [null], /Rule 0 must be an object/],
  ] as const)
    test(`refuses ${what} and keeps the rules it had`, async () => {
      const call = open();
      await call('POST', [aRule()]);
      const refused = await call('POST', posted);
      assert.equal(refused.status, 422);
      assert.match(refused.body.message, message);
      assert.equal((await call('GET')).body.length, 1);
    });
});
