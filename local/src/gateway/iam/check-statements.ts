import { assertKnownConditions } from './conditions.ts';
import { listOf, type Statement } from './statement.ts';

const ELEMENTS = new Set([
  'Sid',
  'Effect',
  'Principal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);

/** Throws with the name of the first thing in a policy that cannot be judged: guessing would grant or refuse wrongly. */
export function checkStatements(statements: readonly Statement[]): void {
  for (const statement of statements) {
    const stray = Object.keys(statement).find((element) => !ELEMENTS.has(element));
    if (stray !== undefined) throw new Error(`The local cloud does not know the IAM policy element ${stray}`);
    const variable = resourcesOf(statement).find((resource) => /\$\{[^*?$]/.test(resource));
    if (variable !== undefined)
      throw new Error(`The local cloud does not know the IAM policy variable in ${variable}`);
  }
  assertKnownConditions(statements);
}

const resourcesOf = ({ Resource, NotResource }: Statement): readonly string[] => [
  ...listOf<string>(Resource as string),
  ...listOf<string>(NotResource as string),
];
