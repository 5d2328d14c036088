import { ContractError, invalidField } from './errors.ts';
import { isOwnId, readUuid } from './uuid.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/** Page that a list is asked for. Cursors are ids; the cursor's own entry is left out. */
interface Page {
  /** Limit of entries; absent where the caller gave none. */
  readonly limit?: number;
  readonly after?: string;
  readonly before?: string;
}

type Query = Readonly<Record<string, string>>;

/**
 * @param readCursor of lists whose entries are known by something else than a UUID
 * @throws ContractError 422
 */
export function readPage(query: Query, readCursor = readUuid): Page {
  const { limit, after, before } = query;
  if (after !== undefined && before !== undefined) {
    throw invalidField('Only one of `after` and `before` can be given.');
  }
  return {
    ...(limit === undefined ? {} : { limit: readLimit(limit) }),
    ...(after === undefined ? {} : { after: readCursor(after, 'after') }),
    ...(before === undefined ? {} : { before: readCursor(before, 'before') }),
  };
}

/**
 * Requires a cursor of ours. It need not exist any more: its time is in it.
 * @param what as in "the id of …"
 * @throws ContractError 422 for an id that we never gave
 */
export function requireOwnCursor({ after, before }: Page, what: string): void {
  const cursor = after ?? before;
  if (cursor === undefined || isOwnId(cursor)) return;
  throw new ContractError(422, 'invalid_parameter', `The cursor is not the id of ${what}.`);
}

/** Gives a page a limit, for lists that always come in pages. */
export const withLimit = (page: Page): Page & { readonly limit: number } => ({
  limit: DEFAULT_LIMIT,
  ...page,
});

export function listObject(data: readonly object[], hasMore: boolean) {
  return { object: 'list', has_more: hasMore, data };
}

/**
 * A page of a list that is in memory as a whole; all of it where no limit is given.
 * @throws ContractError 422 for a cursor that is not in the list
 */
export function pageOf<T>(items: readonly T[], idOf: (item: T) => string, page: Page) {
  const { limit = items.length, after, before } = page;
  const cursor = after ?? before;
  const at = items.findIndex((item) => idOf(item) === cursor);
  if (cursor !== undefined && at < 0) {
    throw new ContractError(422, 'invalid_parameter', 'The cursor is not in this list.');
  }
  if (before !== undefined) {
    return { items: items.slice(Math.max(0, at - limit), at), hasMore: at > limit };
  }
  const rest = items.slice(at + 1);
  return { items: rest.slice(0, limit), hasMore: rest.length > limit };
}

function readLimit(text: string): number {
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw invalidField(`\`limit\` must be a whole number from 1 to ${MAX_LIMIT}.`);
}
