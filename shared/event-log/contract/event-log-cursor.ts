import { createHash } from 'node:crypto';
import { CursorError, type LogCursor } from '../ports.ts';

const VERSION = 1;
const CHECK_BYTES = 2;

/**
 * A cursor as it is given out: version, block, index and, where there is one, the time in seconds, as varints of 7 bits;
 * two bytes of their SHA-256, so that a cursor that was cut or mistyped is no other one; all in base64url.
 */
export function encodeLogCursor({ block, index, seenEndAtEpochMs }: LogCursor): string {
  const times = seenEndAtEpochMs === undefined ? [] : [Math.floor(seenEndAtEpochMs / 1000)];
  const bytes = Buffer.from([VERSION, ...[block, index, ...times].flatMap(toVarint)]);
  return Buffer.concat([bytes, checkOf(bytes)]).toString('base64url');
}

/** @throws CursorError `unknown` for a text that is no cursor of ours */
export function decodeLogCursor(text: string): LogCursor {
  const whole = Buffer.from(text, 'base64url');
  const bytes = whole.subarray(0, -CHECK_BYTES);
  const isOurs = whole.toString('base64url') === text && checkOf(bytes).equals(whole.subarray(-CHECK_BYTES));
  const [version, block, index, seenEnd, ...rest] = isOurs ? readVarints(bytes) : [];
  if (version !== VERSION || block === undefined || index === undefined || rest.length > 0) {
    throw new CursorError('unknown');
  }
  return { block, index, ...(seenEnd === undefined ? {} : { seenEndAtEpochMs: seenEnd * 1000 }) };
}

const checkOf = (bytes: Uint8Array): Buffer =>
  createHash('sha256').update(bytes).digest().subarray(0, CHECK_BYTES);

/**
 * Writes a number, the lowest 7 bits first; the highest bit says that more follow. Numbers have up to 53
 * bits.
 */
function toVarint(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...toVarint(Math.floor(value / 0x80))];
}

/** Reads numbers. A last one that is not complete is left out. */
function readVarints(bytes: Uint8Array): readonly number[] {
  const values: number[] = [];
  let [value, factor] = [0, 1];
  for (const byte of bytes) {
    value += (byte % 0x80) * factor;
    factor *= 0x80;
    if (byte >= 0x80) continue;
    values.push(value);
    [value, factor] = [0, 1];
  }
  return values;
}
