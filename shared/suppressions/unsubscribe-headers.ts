import { MAX_HEADERS } from '../mail/mail-headers.ts';

type Headers = Readonly<Record<string, string>>;

const LINK = 'List-Unsubscribe';
const ONE_CLICK = 'List-Unsubscribe-Post';

/** Path of the API that the token follows. */
export const UNSUBSCRIBE_PATH = '/unsubscribe';

/**
 * Number of headers that a mail has more with those of one-click unsubscribe: none where its sender has a
 * link of their own.
 */
export function countAdded(headers: Headers): number {
  if (has(headers, LINK)) return 0;
  return has(headers, ONE_CLICK) ? 1 : 2;
}

/**
 * The headers of a mail with those of one-click unsubscribe (RFC 8058 section 3.1), unless its sender has a link of their
 * own. What was accepted before its stream had links may have no room for them: it leaves without.
 */
export function withUnsubscribe(headers: Headers, url: string): Headers {
  const added = countAdded(headers);
  if (added === 0 || Object.keys(headers).length + added > MAX_HEADERS) return headers;
  const others = Object.entries(headers).filter(([name]) => !isNamed(name, ONE_CLICK));
  return {
    ...Object.fromEntries(others),
    [LINK]: `<${url}>`,
    [ONE_CLICK]: 'List-Unsubscribe=One-Click',
  };
}

const has = (headers: Headers, wanted: string): boolean =>
  Object.keys(headers).some((name) => isNamed(name, wanted));

const isNamed = (name: string, wanted: string): boolean => name.toLowerCase() === wanted.toLowerCase();
