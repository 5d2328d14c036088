/**
 * What is wrong with a text as such, as the end of "the `x` field …".
 * @param kind `line` for what becomes a header or a name: no line breaks either (RFC 5322 section 2.2); `body` for html
 * and text, which may break lines
 */
export function textProblem(text: string, kind: 'line' | 'body'): string | undefined {
  if (!text.isWellFormed()) return 'is not valid Unicode';
  if (text.includes('\0')) return 'contains a NUL character';
  if (kind === 'line' && /[\r\n]/.test(text)) return 'contains a line break';
  return undefined;
}
