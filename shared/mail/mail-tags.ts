import type { Tag } from './mail-content.ts';

const LIMITS = { count: 75, length: 256 } as const;

/** Reason why tags cannot be kept, as the end of "the `tags` field …". */
export function tagsProblem(tags: readonly Tag[]): string | undefined {
  if (tags.length > LIMITS.count) return `has more than ${LIMITS.count} tags`;
  for (const { name, value } of tags) {
    const problem = partProblem(name, 'name') ?? partProblem(value, 'value');
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function partProblem(text: string, part: 'name' | 'value'): string | undefined {
  if (text.length > LIMITS.length) return `has a tag ${part} of more than ${LIMITS.length} characters`;
  if (/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
  return `has a tag ${part} that is empty or has other characters than ASCII letters, digits, _ and -`;
}
