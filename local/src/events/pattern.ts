import { asRecord } from '../host/json.ts';

/** Tells whether an event matches; made by `parsePattern`. */
export type PatternMatcher = (event: unknown) => boolean;

type ValueMatcher = (values: readonly unknown[]) => boolean;

const OPERATORS: Readonly<Record<string, (operand: unknown) => ValueMatcher>> = {
  exists: (operand) => (values) => values.length > 0 === operand,
};

/** Compiles an EventBridge event pattern: exact values and `exists`. Throws with the name of any other operator. */
export function parsePattern(pattern: unknown): PatternMatcher {
  const fields = Object.entries(asRecord(pattern)).map(([key, expected]) => ({
    key,
    matches: Array.isArray(expected) ? parseLeaf(key, expected) : parseBranch(key, expected),
  }));
  return (event) => fields.every(({ key, matches }) => matches(asRecord(event)[key]));
}

function parseBranch(key: string, pattern: unknown): PatternMatcher {
  if (key.startsWith('$') || typeof pattern !== 'object' || pattern === null)
    throw new Error(`The local cloud does not know the event pattern ${key}`);
  return parsePattern(pattern);
}

function parseLeaf(key: string, expected: readonly unknown[]): PatternMatcher {
  if (key.startsWith('$')) throw new Error(`The local cloud does not know the event pattern operator ${key}`);
  const alternatives = expected.map(parseAlternative);
  // An array in the event matches by any of its elements.
  return (value) => {
    const values = value === undefined ? [] : [value].flat();
    return alternatives.some((matches) => matches(values));
  };
}

function parseAlternative(expected: unknown): ValueMatcher {
  if (typeof expected !== 'object' || expected === null) return some((value) => value === expected);
  const [entry, ...others] = Object.entries(expected);
  const [name = '', operand] = entry ?? [];
  const operator = OPERATORS[name];
  if (!operator || others.length > 0)
    throw new Error(
      `The local cloud does not know the event pattern operator ${Object.keys(expected).join(', ')}`,
    );
  return operator(operand);
}

const some =
  (matches: (value: unknown) => boolean): ValueMatcher =>
  (values) =>
    values.some(matches);
