/**
 * `pattern` is made of literal segments, `{name}` for any one segment, and at the end `**` for any rest or `{name+}` for
 * one that is there and has a name.
 */
export interface Route<Handler> {
  /** An HTTP method, or `*`. */
  readonly method: string;
  readonly pattern: string;
  readonly handler: Handler;
}

type RouteMatch<Handler> =
  | { readonly kind: 'found'; readonly handler: Handler; readonly params: Params }
  | { readonly kind: 'wrong-method'; readonly allowed: readonly string[] }
  | { readonly kind: 'unknown' };

/** Values of the `{name}` segments; that of `{name+}` has every slash of its path but those at the end. */
export type Params = Readonly<Record<string, string>>;

/**
 * The first pattern that a path fits is the one it means: literal segments stand before `{name}` in the table.
 * @param path decoded, as an HTTP API hands it on: to decode it again would make `%41` an `A`, and one address another
 */
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
  return { kind: 'found', handler: route.handler, params: paramsOf(route.pattern, segments, path) };
}

/** `//emails/` is `/emails`: SDKs join a base URL that ends in a slash by text. */
export function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function fits(pattern: string, segments: readonly string[]): boolean {
  const parts = partsOf(pattern);
  const isOpen = parts.at(-1) === '**';
  const fixed = isOpen ? parts.slice(0, -1) : parts;
  const takesMore = isOpen || isGreedy(parts.at(-1));
  const hasLength = takesMore ? segments.length >= fixed.length : segments.length === fixed.length;
  return hasLength && fixed.every((part, index) => nameOf(part) !== undefined || part === segments[index]);
}

function paramsOf(pattern: string, segments: readonly string[], path: string): Params {
  const entries = partsOf(pattern).flatMap((part, index) => {
    const name = nameOf(part);
    if (name === undefined) return [];
    return [[name, isGreedy(part) ? restOf(path, index) : (segments[index] ?? '')]];
  });
  return Object.fromEntries(entries);
}

/** What stands after so many segments and one slash: a second slash may be the first character of an address. */
function restOf(path: string, segmentCount: number): string {
  let start = 0;
  for (let count = 0; count < segmentCount; count++) {
    while (path[start] === '/') start += 1;
    start = path.indexOf('/', start);
  }
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  return path.slice(start + 1, end);
}

const partsOf = (pattern: string): readonly string[] => pattern.split('/').slice(1);

const nameOf = (part: string): string | undefined => /^\{(\w+)\+?\}$/.exec(part)?.[1];

const isGreedy = (part: string | undefined): boolean => part?.endsWith('+}') ?? false;
