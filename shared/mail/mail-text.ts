/**
 * Problem of a text as such, as the end of "the `x` field …".
 * @param kind `line` for what becomes a header or a name: no line breaks either (RFC 5322 section 2.2);
 * `body` for html and text, which may break lines
 */
export function textProblem(text: string, kind: 'line' | 'body'): string | undefined {
  if (!text.isWellFormed()) return 'is not valid Unicode';
  // No character at all (Unicode section 23.7), and SQS refuses a message with one.
  if (/[\uFFFE\uFFFF]/.test(text)) return 'contains U+FFFE or U+FFFF, which are no characters';
  if (text.includes('\0')) return 'contains a NUL character';
  if (kind === 'line' && /[\r\n]/.test(text)) return 'contains a line break';
  return undefined;
}
