/** `<a …>`; a `>` within quotes does not end it. */
const ANCHOR = /<a(?=[\s/])(?:[^>"']|"[^"]*"|'[^']*')*>/gi;
/** A name with or without a value, and the space before it. */
const ATTRIBUTE = /\s*([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;
const NAMED_CHARACTERS: Readonly<Record<string, string>> = {
  amp: '&',
  quot: '"',
  apos: "'",
  lt: '<',
  gt: '>',
};

/**
 * Attributes by lower-cased name, with entities read; empty where a name stands alone. The first of a name
 * counts.
 */
export type Attributes = ReadonlyMap<string, string>;

/** Every start tag of a link in a piece of HTML, replaced by what `replace` makes of it. */
export const replaceAnchors = (
  html: string,
  replace: (tag: string, attributes: Attributes) => string,
): string => html.replace(ANCHOR, (tag) => replace(tag, readAttributes(tag)));

/** The targets of its links, in order, each once. */
export function listLinks(html: string): readonly string[] {
  const links = [...html.matchAll(ANCHOR)].flatMap(([tag]) => webLinkOf(readAttributes(tag)) ?? []);
  return [...new Set(links)];
}

/** Web link among a tag's attributes; undefined where there is none, and for `mailto:` and its like. */
export function webLinkOf(attributes: Attributes): string | undefined {
  const href = attributes.get('href')?.trim() ?? '';
  return /^https?:\/\//i.test(href) && URL.canParse(href) ? href : undefined;
}

/** Gives attributes another value, or takes them out where that is undefined; what the tag does not have stays away. */
export function changeAttributes(tag: string, changes: Readonly<Record<string, string | undefined>>): string {
  const start = tag.slice(0, 2);
  return (
    start +
    tag.slice(2).replace(ATTRIBUTE, (whole, name: string) => {
      const key = name.toLowerCase();
      if (!Object.hasOwn(changes, key)) return whole;
      const value = changes[key];
      return value === undefined ? '' : ` ${name}="${escapeQuoted(value)}"`;
    })
  );
}

function readAttributes(tag: string): Attributes {
  const found = [...tag.slice(2).matchAll(ATTRIBUTE)].map(
    ([, name = '', ...values]) =>
      [name.toLowerCase(), readEntities(values.find((value) => value !== undefined) ?? '')] as const,
  );
  return new Map(found.reverse());
}

const readEntities = (text: string): string =>
  text.replace(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|(amp|quot|apos|lt|gt));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return NAMED_CHARACTERS[name.toLowerCase()] ?? whole;
    const code = Number.parseInt(hex ?? decimal, hex === undefined ? 10 : 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });

const escapeQuoted = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
