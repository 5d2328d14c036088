import { finished } from 'node:stream/promises';
import { RewritingStream } from 'parse5-html-rewriting-stream';

/** Space as HTML has it: a value without quotes can end with another. */
const SPACE_AT_END = /(?<![\t\n\f\r ])[\t\n\f\r ]+$/;

/** An attribute's value, with entities read, and its place in the tag's source. */
interface Attribute {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** Attributes by lower-cased name; the value is empty where a name stands alone. The first of a name counts. */
export type Attributes = ReadonlyMap<string, Attribute>;

/** New values by lower-cased name; undefined takes the attribute out. What the tag does not have stays away. */
type AttributeChanges = Readonly<Record<string, string | undefined>>;

/** As the parser tells of it; its own type leaves out the places of attributes. */
interface StartTag {
  readonly tagName: string;
  readonly attrs: readonly { readonly prefix?: string; readonly name: string; readonly value: string }[];
  readonly sourceCodeLocation: Place & { readonly attrs?: Readonly<Record<string, Place>> };
}

interface Place {
  readonly startOffset: number;
  readonly endOffset: number;
}

/**
 * HTML whose links have the attributes that `decide` gives them, in order. Everything else stays as it came, byte for
 * byte. What a browser takes for a link is one, so comments, scripts and other raw text are left alone.
 */
export async function changeAnchors(
  html: string,
  decide: (attributes: Attributes) => AttributeChanges,
): Promise<string> {
  const parts: string[] = [];
  let end = 0;
  // The parser gives places only: what it would write leaves out `</>` and a tag that the end cuts off.
  const parser = new RewritingStream();
  parser.on('startTag', (tag: StartTag, source: string) => {
    if (tag.tagName !== 'a') return;
    const { startOffset, endOffset } = tag.sourceCodeLocation;
    parts.push(html.slice(end, startOffset), changeTag(source, readAttributes(tag), decide));
    end = endOffset;
  });
  parser.end(html);
  await finished(parser);
  return parts.join('') + html.slice(end);
}

/** The targets of its links, in order, each once. */
export async function listLinks(html: string): Promise<readonly string[]> {
  const links = new Set<string>();
  await changeAnchors(html, (attributes) => {
    const link = webLinkOf(attributes);
    if (link !== undefined) links.add(link);
    return {};
  });
  return [...links];
}

/** Web link among a tag's attributes; undefined where there is none, and for `mailto:` and its like. */
export function webLinkOf(attributes: Attributes): string | undefined {
  const href = attributes.get('href')?.value.trim() ?? '';
  return /^https?:\/\//i.test(href) && URL.canParse(href) ? href : undefined;
}

function readAttributes({ attrs, sourceCodeLocation: tag }: StartTag): Attributes {
  const found = attrs.flatMap(({ prefix, name: local, value }) => {
    const name = prefix ? `${prefix}:${local}` : local;
    const place = tag.attrs?.[name];
    if (!place) return [];
    const [start, end] = [place.startOffset - tag.startOffset, place.endOffset - tag.startOffset];
    return [[name, { value, start, end }] as const];
  });
  return new Map(found);
}

/** Changes from the last attribute to the first, so that the places of those before stay true. */
function changeTag(
  source: string,
  attributes: Attributes,
  decide: (attributes: Attributes) => AttributeChanges,
): string {
  const changes = decide(attributes);
  return [...attributes]
    .filter(([name]) => Object.hasOwn(changes, name))
    .reverse()
    .reduce((tag, [name, attribute]) => changeAttribute(tag, attribute, changes[name]), source);
}

/** The space before an attribute goes with it. */
function changeAttribute(tag: string, { start, end }: Attribute, value: string | undefined): string {
  const name = /^[^\s=]*/.exec(tag.slice(start, end))?.[0] ?? '';
  const changed = value === undefined ? '' : ` ${name}="${escapeQuoted(value)}"`;
  return tag.slice(0, start).replace(SPACE_AT_END, '') + changed + tag.slice(end);
}

const escapeQuoted = (value: string): string => value.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
