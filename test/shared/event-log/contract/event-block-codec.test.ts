import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { PUBLISHED_EVENT_TYPES } from '../../../../shared/event-catalog/contract/published-types.ts';
import { BLOCK_DICTIONARY } from '../../../../shared/event-log/contract/block-dictionary.ts';
import {
  decodeBlock,
  encodeBlock,
  fingerprintsOf,
  UnreadableBlockError,
} from '../../../../shared/event-log/contract/event-block-codec.ts';
import { FINGERPRINT_BYTES, fingerprintOf } from '../../../../shared/event-log/event-block.ts';
import { eventIdOf, type PublishedEvent } from '../../../../shared/events/published-event.ts';
import { aMailEvent, anEvent } from '../../../support/event-log/log-builders.ts';

const roundTrip = (events: readonly PublishedEvent[]) => decodeBlock(encodeBlock(events), 'default');

const aTimeText = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom('2026-11-23T12:00:00Z', '2026-11-23T12:00:00.000000Z', '2026-11-23 12:00:00+00', ''),
);

const aHexId = fc.uuid().chain((id) => fc.constantFrom(id, id.toUpperCase(), id.replaceAll('-', '')));

const aMessageIdHeader = fc
  .tuple(
    fc.uuid(),
    fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
    fc.constantFrom('-000000', '-000001', ''),
  )
  .chain(([uuid, time, end]) => {
    const id = `${time.toString(16).padStart(16, '0')}-${uuid}${end}`;
    return fc.constantFrom(
      id,
      `<${id}@email.amazonses.com>`,
      `<${id}@eu-west-1.amazonses.com>`,
      `${id}\n`,
      `<${id}`,
    );
  });

const aName = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', '0', '10', '2'),
);
const aValue = fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' });

/** Mostly what a payload looks like, with anything in the place of anything. */
const someData = fc
  .record(
    {
      email_id: fc.oneof(aHexId, aValue),
      message_id: fc.oneof(aMessageIdHeader, aValue),
      created_at: fc.oneof(aTimeText, aValue),
      from: fc.oneof(fc.emailAddress(), aValue),
      to: fc.oneof(fc.array(fc.emailAddress(), { maxLength: 3 }), aValue),
      subject: fc.oneof(fc.constant('Hello'), fc.string({ unit: 'grapheme' }), aValue),
      tags: fc.oneof(fc.dictionary(aName, fc.string()), aValue),
      headers: aValue,
      bounce: aValue,
    },
    { requiredKeys: [] },
  )
  .chain((known) =>
    fc
      .tuple(fc.dictionary(aName, aValue, { maxKeys: 3 }), fc.boolean())
      .map(([other, isFirst]) => (isFirst ? { ...other, ...known } : { ...known, ...other })),
  )
  .map((data) => JSON.parse(JSON.stringify(data)) as Record<string, unknown>);

const someEvent: fc.Arbitrary<PublishedEvent> = fc
  .record(
    {
      fact: fc.string(),
      isOwn: fc.integer({ min: 0, max: 9 }),
      type: fc.constantFrom(...PUBLISHED_EVENT_TYPES),
      createdAt: aTimeText,
      data: someData,
      stream: fc.string(),
      isMachine: fc.constant(true as const),
      isFirst: fc.constant(true as const),
    },
    { requiredKeys: ['fact', 'isOwn', 'type', 'createdAt', 'data'] },
  )
  .map(({ fact, isOwn, ...event }) => {
    const epochMs = Date.parse(event.createdAt);
    const id = isOwn > 0 && epochMs >= 0 && epochMs < 2 ** 48 ? eventIdOf(epochMs, fact) : fact;
    return { id, tenant: 'default', ...event };
  });

describe('the body of a block', () => {
  test('the dictionary of version 2 stays as it is, to the byte: blocks that are stored are read with it', () => {
    assert.equal(
      createHash('sha256').update(BLOCK_DICTIONARY).digest('hex'),
      '5b1fc13347a4da5f55c5e279da9162a8095ada644012a56ff70e76c9cd2c1f83',
    );
  });

  test('gives back exactly the events that went in', () => {
    fc.assert(
      fc.property(fc.array(someEvent, { maxLength: 12 }), (events) => {
        assert.deepEqual(roundTrip(events), events);
      }),
      { numRuns: 400 },
    );
  });

  test('keeps the order of the fields of a payload, and of events of one mail', () => {
    fc.assert(
      fc.property(fc.array(someEvent, { maxLength: 6 }), (events) => {
        const texts = (all: readonly PublishedEvent[]) => all.map(({ data }) => JSON.stringify(data));
        assert.deepEqual(texts(roundTrip(events)), texts(events));
      }),
    );
  });

  test('a mail takes its bytes once, for all events of it', () => {
    const sent = aMailEvent(2);
    const clicks = Array.from({ length: 20 }, (_, index) =>
      anEvent(`click ${index}`, {
        type: 'email.clicked',
        data: { ...sent.data, click: { link: `https://example.com/${index}` } },
      }),
    );
    const [one, all] = [encodeBlock(clicks.slice(0, 1)), encodeBlock([sent, ...clicks])];
    assert.deepEqual(decodeBlock(all, 'default'), [sent, ...clicks]);
    assert.ok(all.length < one.length + 20 * 20, `${one.length} bytes, then ${all.length}`);
  });

  test('leaves out what is undefined, as JSON does', () => {
    const [event] = roundTrip([
      anEvent(1, { data: { a: undefined, b: [undefined], email_id: 'x', tags: undefined } }),
    ]);
    assert.deepEqual(event?.data, { b: [null], email_id: 'x' });
  });

  test('takes an event of many kilobytes, and one without any data', () => {
    const long = 'é😀 '.repeat(10_000);
    const events = [anEvent(1, { data: { long } }), anEvent(2, { data: {} })];
    assert.deepEqual(roundTrip(events), events);
    assert.deepEqual(roundTrip([]), []);
  });

  test('tells the fingerprints of its events without reading them', () => {
    const events = [aMailEvent(1), anEvent(2, { id: 'another kind of id' })];
    const fingerprints = Buffer.from(fingerprintsOf(encodeBlock(events))).toString('hex');
    assert.equal(fingerprints, events.map(({ id }) => fingerprintOf(id)).join(''));
  });

  test('a block of another version, one that is cut, and no block at all are refused', () => {
    const body = encodeBlock([aMailEvent(1)]);
    const [earlier, later] = [1, 3].map((version) => Buffer.from(body).fill(version, 0, 1));
    for (const bytes of [
      ...[earlier, later].flatMap((other) => other ?? []),
      body.subarray(0, body.length - 5),
      body.subarray(0, 40),
      Buffer.from('no'),
      Buffer.alloc(0),
    ]) {
      assert.throws(() => decodeBlock(bytes, 'default'), UnreadableBlockError);
    }
  });
});

describe('a block that would fill the memory', () => {
  const [LIMIT, HEADER_BYTES] = [8 * 2 ** 20, 7];
  const eventOf = (bytes: number) => anEvent(1, { data: { long: ' '.repeat(bytes) } });

  test('a block that would fill the memory is not written', () => {
    assert.throws(() => encodeBlock([eventOf(LIMIT)]), RangeError);
  });

  test('a block that would fill the memory is not read, though its bytes are few', () => {
    const largest = encodeBlock([eventOf(LIMIT - 1_000)]);
    const compress = (json: string) =>
      Buffer.concat([
        largest.subarray(0, HEADER_BYTES + FINGERPRINT_BYTES),
        zstdCompressSync(json, { dictionary: BLOCK_DICTIONARY }),
      ]);
    assert.equal(decodeBlock(largest, 'default').length, 1);
    assert.equal(decodeBlock(compress('[{"createdAt":"2026-11-23T12:00:00.000Z"}]'), 'default').length, 1);
    const bomb = compress(`[{"createdAt":"${' '.repeat(10 * LIMIT)}"}]`);
    assert.ok(bomb.length < 20_000);
    assert.throws(() => decodeBlock(bomb, 'default'), UnreadableBlockError);
  });

  test('a block with other events than fingerprints is not read', () => {
    const [one, two] = [encodeBlock([aMailEvent(1)]), encodeBlock([aMailEvent(1), aMailEvent(2)])];
    const mixed = Buffer.concat([
      ...[two.subarray(0, 1), one.subarray(1, 3), two.subarray(3, HEADER_BYTES)],
      ...[one.subarray(HEADER_BYTES, HEADER_BYTES + FINGERPRINT_BYTES)],
      two.subarray(HEADER_BYTES + 2 * FINGERPRINT_BYTES),
    ]);
    assert.throws(() => decodeBlock(mixed, 'default'), UnreadableBlockError);
  });
});

describe('what an event takes in a block', () => {
  for (const [count, mostBytes] of [
    [1, 190],
    [10, 80],
    [40, 65],
    [100, 60],
  ] as const) {
    test(`each of ${count} events of different mails takes at most ${mostBytes} bytes`, (t) => {
      const events = Array.from({ length: count }, (_, index) => aMailEvent(index));
      const bytes = encodeBlock(events).length / count;
      t.diagnostic(
        `${bytes.toFixed(1)} bytes; as JSON ${(JSON.stringify(events).length / count).toFixed(0)}`,
      );
      assert.deepEqual(roundTrip(events), events);
      assert.ok(bytes <= mostBytes, `${bytes} bytes`);
    });
  }
});
