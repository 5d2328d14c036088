export type Json = Readonly<Record<string, unknown>>;

export const asRecord = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};

export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const byteLength = (value: unknown): number =>
  typeof value === 'string' ? Buffer.byteLength(value) : 0;

export const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0);

/** Parses JSON; undefined for what is none, an empty text included. */
export function parseJson(text: Buffer | string): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    // What is wrong with it is for the caller to say, which knows what the text was to be.
    return undefined;
  }
}

/** A percent-encoded part of a URL; as it is where it cannot be decoded. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Half an escape is a name that will not be found.
    return text;
  }
}
