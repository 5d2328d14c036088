type Headers = Readonly<Record<string, string>>;

const HOP_HEADERS = new Set([
  'host',
  'connection',
  'content-length',
  'expect',
  'transfer-encoding',
  'keep-alive',
]);

/** Headers without those that belong to one connection. */
export function withoutHop(headers: Headers): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name in headers) if (!HOP_HEADERS.has(name)) kept[name] = headers[name] ?? '';
  return kept;
}
