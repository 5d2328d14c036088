import { randomBytes } from 'node:crypto';

const COUNTER_LIMIT = 0x1000;

/**
 * UUIDv7 (RFC 9562 section 5.7). Ids of one instance strictly increase, also within a millisecond and while the clock
 * steps back: the twelve bits after the time are a counter that starts at a random value (section 6.2, method 1), and
 * the other 62 bits are random, so that ids of many instances neither meet nor can be guessed.
 */
export function createIds(clock: { nowEpochMs(): number }): { next(): string } {
  let lastMs = 0;
  let counter = 0;

  return {
    next() {
      const random = randomBytes(10);
      const nowMs = clock.nowEpochMs();
      counter = nowMs > lastMs ? random.readUInt16BE(8) & 0x7ff : counter + 1;
      lastMs = Math.max(nowMs, lastMs) + (counter === COUNTER_LIMIT ? 1 : 0);
      counter %= COUNTER_LIMIT;
      return formatId(lastMs, counter, random.subarray(0, 8));
    },
  };
}

function formatId(epochMs: number, counter: number, tail: Buffer): string {
  tail.writeUInt8((tail.readUInt8(0) & 0x3f) | 0x80, 0);
  const time = epochMs.toString(16).padStart(12, '0');
  const end = tail.toString('hex');
  const middle = `7${counter.toString(16).padStart(3, '0')}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-${middle}-${end.slice(0, 4)}-${end.slice(4)}`;
}
