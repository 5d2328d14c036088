import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FUNCTIONS = join(import.meta.dirname, '../../../functions');

/** The variables that a function's code asks `readEnvironment` for. Throws where it reads them in a way that cannot be told. */
export function parsedVariablesOf(name: string): readonly string[] {
  const files = globSync('**/*.ts', { cwd: join(FUNCTIONS, name) });
  return [
    ...new Set(files.flatMap((file) => variablesIn(readFileSync(join(FUNCTIONS, name, file), 'utf8')))),
  ];
}

/** Variables named in a source text: `readEnvironment(['A', 'B'])`. */
export function variablesIn(source: string): readonly string[] {
  if (source.includes('process.env')) throw new Error('Only shared/runtime/env.ts reads process.env.');
  const calls = source.split('readEnvironment(').slice(1);
  return calls.flatMap((rest) => {
    const [, names] = /^\[((?:\s*'[A-Z\d_]+',?)+)\s*\]\)/.exec(rest) ?? [];
    if (names === undefined) throw new Error(`Not a list of names: readEnvironment(${rest.slice(0, 40)}`);
    return [...names.matchAll(/'([^']+)'/g)].map(([, variable = '']) => variable);
  });
}
