/** Number of headers that SES takes in a mail (`Message` of the v2 API). */
export const MAX_HEADERS = 15;

/** Limits of SES, `MessageHeader` of the v2 API. */
const LIMITS = { name: 126, value: 995, nameAndValue: 996 } as const;

/** Headers set by us or by SES; a second one would contradict the first, and SES refuses or overwrites it. */
const RESERVED = new Set([
  'from',
  'to',
  'cc',
  'bcc',
  'reply-to',
  'subject',
  'date',
  'message-id',
  'sender',
  'return-path',
  'received',
  'dkim-signature',
  'mime-version',
  'feedback-id',
]);
const RESERVED_PREFIXES = ['content-', 'x-ses-'];

/**
 * Reason why a customer's own headers cannot go out as they are, as the end of "the `headers` field …".
 * @param headers by name as written
 * @param added how many of ours go with them
 */
export function headersProblem(headers: Readonly<Record<string, string>>, added = 0): string | undefined {
  const entries = Object.entries(headers);
  if (entries.length + added > MAX_HEADERS) return tooMany(added);
  const names = new Set(entries.map(([name]) => name.toLowerCase()));
  if (names.size < entries.length) return 'names a header twice';
  for (const [name, value] of entries) {
    const problem = nameProblem(name) ?? valueProblem(name, value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const tooMany = (added: number): string =>
  added === 0
    ? `has more than ${MAX_HEADERS} headers, the limit of Amazon SES`
    : `has more than ${MAX_HEADERS - added} headers: Amazon SES takes ${MAX_HEADERS}, and one-click unsubscribe adds ${added}`;

/** Problem of a header's name by RFC 5322 section 2.2: printable ASCII without the colon. */
function nameProblem(name: string): string | undefined {
  if (!/^[!-9;-~]+$/.test(name))
    return 'has a header name that is empty or not printable ASCII without a colon';
  if (name.length > LIMITS.name) return `has a header name of more than ${LIMITS.name} characters`;
  const lower = name.toLowerCase();
  const isReserved = RESERVED.has(lower) || RESERVED_PREFIXES.some((prefix) => lower.startsWith(prefix));
  return isReserved ? `may not set \`${name}\`` : undefined;
}

function valueProblem(name: string, value: string): string | undefined {
  if (/[\r\n]/.test(value)) return `has a line break in \`${name}\``;
  if (!/^[ -~]*$/.test(value)) return `has a character in \`${name}\` that is not printable ASCII`;
  const isTooLong = value.length > LIMITS.value || name.length + value.length > LIMITS.nameAndValue;
  return isTooLong
    ? `is too long in \`${name}\`: Amazon SES takes ${LIMITS.nameAndValue} characters of name and value`
    : undefined;
}
