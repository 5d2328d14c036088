import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as othersRan } from 'node:timers/promises';
import { createMxLookup } from '../../../../shared/pace/adapters/mx-lookup.ts';

function open(answers: Record<string, { exchange: string; priority: number }[]> = {}) {
  const clock = { now: 0, nowEpochMs: () => clock.now };
  const asked: string[] = [];
  const resolveMx = async (domain: string) => {
    asked.push(domain);
    const answer = answers[domain];
    if (answer === undefined) throw new Error('ESERVFAIL');
    return answer;
  };
  return { clock, asked, lookup: createMxLookup({ clock, resolveMx }) };
}

const GOOGLE = [
  { exchange: 'mx.filter.example', priority: 20 },
  { exchange: 'aspmx.l.google.com', priority: 1 },
];

describe('mailbox providers by MX', () => {
  test('asks no server about a domain of the provider itself', async () => {
    const { lookup, asked } = open();
    assert.equal(await lookup.find('gmail.com'), 'gmail');
    assert.deepEqual(asked, []);
  });

  test('goes by the most preferred host, and remembers it for an hour', async () => {
    const { lookup, asked, clock } = open({ 'acme.com': GOOGLE });
    assert.equal(await lookup.find('acme.com'), 'gmail');
    clock.now += 3_599_000;
    assert.equal(await lookup.find('acme.com'), 'gmail');
    assert.equal(asked.length, 1);
    clock.now += 2_000;
    await lookup.find('acme.com');
    assert.equal(asked.length, 2);
  });

  test('puts a domain under rest where the server fails, and asks again after ten minutes', async () => {
    const { lookup, asked, clock } = open();
    assert.equal(await lookup.find('acme.com'), 'rest');
    clock.now += 599_000;
    await lookup.find('acme.com');
    assert.equal(asked.length, 1);
    clock.now += 2_000;
    await lookup.find('acme.com');
    assert.equal(asked.length, 2);
  });

  test('asks once for mails that come together', async () => {
    const { lookup, asked } = open({ 'acme.com': GOOGLE });
    await Promise.all(Array.from({ length: 20 }, () => lookup.find('acme.com')));
    assert.equal(asked.length, 1);
  });

  test('a domain counts as rest after a second without an answer, and not before', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const clock = { nowEpochMs: () => 0 };
    const lookup = createMxLookup({ clock, resolveMx: () => new Promise(() => {}) });
    const found: string[] = [];
    const finding = lookup.find('acme.com').then((provider) => void found.push(provider));
    t.mock.timers.tick(999);
    await othersRan();
    assert.deepEqual(found, []);
    t.mock.timers.tick(1);
    await finding;
    assert.deepEqual(found, ['rest']);
  });

  test('forgets the domain that was not asked for longest, and stays small', async () => {
    const names = Array.from({ length: 2_001 }, (_, index) => `acme-${index}.com`);
    const { lookup, asked } = open(Object.fromEntries(names.map((name) => [name, GOOGLE])));
    for (const name of names.slice(0, 2_000)) await lookup.find(name);
    await lookup.find('acme-0.com');
    await lookup.find('acme-2000.com');
    asked.length = 0;
    await lookup.find('acme-0.com');
    assert.deepEqual(asked, []);
    await lookup.find('acme-1.com');
    assert.deepEqual(asked, ['acme-1.com']);
  });
});
