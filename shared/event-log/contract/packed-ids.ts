/**
 * Ids as bytes. They do not compress, so that they stand beside what is compressed; their times are near each other and
 * are numbers in it.
 */
export interface PackedWriter {
  hex(digits: string): void;
  bytes(): Uint8Array;
}

export interface PackedReader {
  hex(byteCount: number): string;
}

export function createPackedWriter(): PackedWriter {
  const parts: Buffer[] = [];
  return {
    hex: (digits) => void parts.push(Buffer.from(digits, 'hex')),
    bytes: () => Buffer.concat(parts),
  };
}

export function createPackedReader(bytes: Uint8Array): PackedReader {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  return {
    hex(byteCount) {
      const end = at + byteCount;
      if (end > view.length) throw new RangeError('Ids are missing.');
      const digits = view.toString('hex', at, end);
      at = end;
      return digits;
    },
  };
}

const UUID = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/;
const TIME_DIGITS = 12;
const UUID_TAIL_BYTES = 10;
const UUID_BYTES = 16;

/** What of a UUIDv7 is its time, in epoch milliseconds, and the 20 digits after it; undefined for any other text. */
export function splitUuid(text: string): { readonly epochMs: number; readonly tail: string } | undefined {
  if (!UUID.test(text)) return undefined;
  const digits = text.replaceAll('-', '');
  return { epochMs: readTime(digits.slice(0, TIME_DIGITS)), tail: digits.slice(TIME_DIGITS) };
}

export const joinUuid = (epochMs: number, ids: PackedReader): string =>
  uuidOf(timeDigits(epochMs) + ids.hex(UUID_TAIL_BYTES));

/** `<` region digits, time, UUID, and what all ids of one region end with: `-000000@email.amazonses.com>`. */
const SES_MESSAGE_ID =
  /^(<?[0-9a-f]{4})([0-9a-f]{12})-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(-\d{6}(?:@[\w.-]+>)?)$/;

/** A message id of SES, alone or as the header it becomes. */
export interface SplitSesMessageId {
  /** What is before the time and what is after the UUID: the same for all mail of a region. */
  readonly frame: readonly [string, string];
  readonly epochMs: number;
  /** 32 digits. */
  readonly tail: string;
}

export function splitSesMessageId(text: string): SplitSesMessageId | undefined {
  const [, start = '', time = '', uuid = '', end = ''] = SES_MESSAGE_ID.exec(text) ?? [];
  if (start === '') return undefined;
  return { frame: [start, end], epochMs: readTime(time), tail: uuid.replaceAll('-', '') };
}

export const joinSesMessageId = (
  [start, end]: readonly [string, string],
  epochMs: number,
  ids: PackedReader,
): string => `${start}${timeDigits(epochMs)}-${uuidOf(ids.hex(UUID_BYTES))}${end}`;

const readTime = (digits: string): number => Number.parseInt(digits, 16);

const timeDigits = (epochMs: number): string => epochMs.toString(16).padStart(TIME_DIGITS, '0');

const uuidOf = (digits: string): string =>
  [0, 8, 12, 16, 20].map((start, index, all) => digits.slice(start, all[index + 1])).join('-');
