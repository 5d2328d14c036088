/**
 * The digits of UUIDs that are chance, as bytes: they do not compress, and among other text they spoil what does. Each is
 * there once; where it comes again, its text says so.
 */
interface PackedText {
  /** JSON with signs in the place of digits; what JSON writes has no control characters. */
  readonly text: string;
  readonly digits: Uint8Array;
}

/** The last three groups of a UUID: of the first two, much is time. */
const CHANCE = /-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const BYTES = 10;

/** Stands for the next digits. */
const NEXT = '\u0001';
/** Stands, with a number and a semicolon, for those that came so many before the next. */
const AGAIN = '\u0002';
const SIGNS = new RegExp(`${NEXT}|${AGAIN}(\\d+);`, 'g');

export function packDigits(json: string): PackedText {
  const places = new Map<string, number>();
  const text = json.replace(CHANCE, (group) => {
    const place = places.get(group);
    if (place !== undefined) return `${AGAIN}${places.size - place};`;
    places.set(group, places.size);
    return NEXT;
  });
  return { text, digits: Buffer.from([...places.keys()].join('').replaceAll('-', ''), 'hex') };
}

/** @throws RangeError where digits are missing */
export function unpackDigits({ text, digits }: PackedText): string {
  const bytes = Buffer.from(digits.buffer, digits.byteOffset, digits.byteLength);
  let next = 0;
  return text.replace(SIGNS, (_, back: string | undefined) => {
    const place = back === undefined ? next++ : next - Number(back);
    return groupAt(bytes, place * BYTES);
  });
}

function groupAt(bytes: Buffer, start: number): string {
  if (start < 0 || start + BYTES > bytes.length) throw new RangeError('Digits are missing.');
  const hex = bytes.toString('hex', start, start + BYTES);
  return `-${hex.slice(0, 4)}-${hex.slice(4, 8)}-${hex.slice(8)}`;
}
