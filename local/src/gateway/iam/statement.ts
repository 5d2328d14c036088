/** One statement of an IAM policy document, as templates write it. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | boolean | readonly string[]>>>
  >;
}

/** Values that a call carries for conditions to look at. */
export type Context = Readonly<Record<string, string | readonly string[]>>;

type Flags = '' | 'i';

const compiled: Readonly<Record<Flags, Map<string, RegExp>>> = { '': new Map(), i: new Map() };

/** IAM wildcards: `*` any run, `?` one character. Actions compare without regard to case. */
export function matches(pattern: string, text: string, flags: Flags = ''): boolean {
  let expression = compiled[flags].get(pattern);
  if (!expression) {
    expression = compile(pattern, flags);
    compiled[flags].set(pattern, expression);
  }
  return expression.test(text);
}

function compile(pattern: string, flags: Flags): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, `s${flags}`);
}

/** Makes a list of one or many: template authors may write either. */
export const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];
