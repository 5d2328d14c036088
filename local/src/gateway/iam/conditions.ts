import { type Context, listOf, matches, type Statement } from './statement.ts';

type Compare = (wanted: string, actual: string) => boolean;

const COMPARE: Readonly<Record<string, Compare>> = {
  StringEquals: (wanted, actual) => wanted === actual,
  StringLike: (wanted, actual) => matches(wanted, actual),
  ArnEquals: (wanted, actual) => matches(wanted, actual),
  ArnLike: (wanted, actual) => matches(wanted, actual),
  Bool: (wanted, actual) => wanted.toLowerCase() === actual.toLowerCase(),
  NumericLessThan: (wanted, actual) => Number(actual) < Number(wanted),
};
const NEGATED: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
};
const KEYS = new Set([
  'aws:securetransport',
  'aws:sourceaccount',
  'aws:sourcearn',
  'dynamodb:leadingkeys',
  'ses:fromaddress',
  'ses:tenantname',
  's3:tlsversion',
]);

interface Operator {
  readonly base: string;
  readonly quantifier: string | undefined;
  readonly isIfExists: boolean;
}

function readOperator(name: string): Operator {
  const parts = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(name);
  const base = parts?.[2] ?? '';
  if (!(base in COMPARE || base in NEGATED || base === 'Null'))
    throw new Error(`The local cloud does not know the IAM condition operator ${name}`);
  return { base, quantifier: parts?.[1], isIfExists: parts?.[3] !== undefined };
}

/** Throws with the name of the first operator or key that cannot be judged: guessing would grant or refuse wrongly. */
export function assertKnownConditions(statements: readonly Statement[]): void {
  for (const { Condition = {} } of statements)
    for (const [operator, keys] of Object.entries(Condition)) {
      readOperator(operator);
      const unknown = Object.keys(keys).find((key) => !KEYS.has(key.toLowerCase()));
      if (unknown) throw new Error(`The local cloud does not know the IAM condition key ${unknown}`);
    }
}

/** Every operator and every key must hold (IAM user guide, "Conditions with multiple context keys or values"). */
export function conditionsHold(condition: Statement['Condition'], context: Context): boolean {
  return Object.entries(condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) =>
      holds(readOperator(operator), wanted, context[key.toLowerCase()]),
    ),
  );
}

function holds(
  operator: Operator,
  wanted: string | boolean | readonly string[],
  found: Context[string] | undefined,
): boolean {
  const wantedValues = listOf<string | boolean>(wanted as string).map(String);
  if (operator.base === 'Null') return (found === undefined) === (wantedValues[0] === 'true');

  const actual = listOf<string>(found);
  if (actual.length === 0)
    return operator.isIfExists || operator.quantifier === 'ForAllValues' || operator.base in NEGATED;

  const negatedBase = NEGATED[operator.base];
  const compare = COMPARE[negatedBase ?? operator.base] ?? (() => false);
  const matchesOne = (value: string) =>
    wantedValues.some((candidate) => compare(candidate, value)) !== Boolean(negatedBase);
  return operator.quantifier === 'ForAllValues' ? actual.every(matchesOne) : actual.some(matchesOne);
}
