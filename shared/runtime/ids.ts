import { V7Generator } from 'uuidv7';

/** The clock may step back by any time: an id is never below the one before it. */
const ROLLBACK_ALLOWANCE_MS = 2 ** 48 - 1;

/**
 * UUIDv7 (RFC 9562 section 5.7). Ids of one instance strictly increase, also within a millisecond and while the clock
 * steps back: a counter of 42 bits that starts at a random value stands after the time (section 6.2, method 1), and
 * 32 bits of each are random, so that ids of many instances do not meet. An id is no secret and stands for no right.
 */
export function createIds(clock: { nowEpochMs(): number }): { next(): string } {
  const generator = new V7Generator();
  return {
    next: () => generator.generateOrResetCore(clock.nowEpochMs(), ROLLBACK_ALLOWANCE_MS).toString(),
  };
}
