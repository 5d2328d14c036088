/** `pattern` is made of literal segments, `{name}` for any one segment, and `**` at the end for any rest. */
export interface Route<Handler> {
  /** An HTTP method, or `*`. */
  readonly method: string;
  readonly pattern: string;
  readonly handler: Handler;
}

export type RouteMatch<Handler> =
  | { readonly kind: 'found'; readonly handler: Handler; readonly params: Params }
  | { readonly kind: 'wrong-method'; readonly allowed: readonly string[] }
  | { readonly kind: 'unknown' };

/** Values of the `{name}` segments, percent-decoded. */
export type Params = Readonly<Record<string, string>>;

/** The first pattern that a path fits is the one it means: literal segments stand before `{name}` in the table. */
export function matchRoute<Handler>(
  routes: readonly Route<Handler>[],
  method: string,
  path: string,
): RouteMatch<Handler> {
  const segments = segmentsOf(path);
  const first = routes.find(({ pattern }) => fits(pattern, segments));
  if (first === undefined) return { kind: 'unknown' };
  const sameResource = routes.filter(({ pattern }) => pattern === first.pattern);
  const route = sameResource.find((each) => each.method === method || each.method === '*');
  if (route === undefined) {
    return { kind: 'wrong-method', allowed: sameResource.map((each) => each.method) };
  }
  return { kind: 'found', handler: route.handler, params: paramsOf(route.pattern, segments) };
}

/** `//emails/` is `/emails`: SDKs join a base URL that ends in a slash by text. */
export function segmentsOf(path: string): readonly string[] {
  return path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeSegment);
}

/** HTTP APIs decode `rawPath` already, so that a `%` left in it may be a real one: it stays where it decodes to nothing. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function fits(pattern: string, segments: readonly string[]): boolean {
  const parts = partsOf(pattern);
  const isOpen = parts.at(-1) === '**';
  const fixed = isOpen ? parts.slice(0, -1) : parts;
  const hasLength = isOpen ? segments.length >= fixed.length : segments.length === fixed.length;
  return hasLength && fixed.every((part, index) => nameOf(part) !== undefined || part === segments[index]);
}

function paramsOf(pattern: string, segments: readonly string[]): Params {
  const entries = partsOf(pattern).flatMap((part, index) => {
    const name = nameOf(part);
    return name === undefined ? [] : [[name, segments[index] ?? '']];
  });
  return Object.fromEntries(entries);
}

const partsOf = (pattern: string): readonly string[] => pattern.split('/').slice(1);

const nameOf = (part: string): string | undefined => /^\{(\w+)\}$/.exec(part)?.[1];
