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

/** What a call carries for conditions to look at. */
export type Context = Readonly<Record<string, string | readonly string[]>>;

const patterns = new Map<string, RegExp>();

/** IAM wildcards: `*` any run, `?` one character. Actions compare without regard to case. */
export function matches(pattern: string, text: string, flags = ''): boolean {
  const key = `${flags}/${pattern}`;
  let compiled = patterns.get(key);
  if (!compiled) {
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    compiled = new RegExp(`^${source}$`, `s${flags}`);
    patterns.set(key, compiled);
  }
  return compiled.test(text);
}

/** One or many: template authors may write either. */
export const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];
