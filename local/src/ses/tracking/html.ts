import { finished } from 'node:stream/promises';
import { RewritingStream } from 'parse5-html-rewriting-stream';
import { type Attributes, changeAnchors, webLinkOf } from './anchors.ts';

/** Events for which SES changes a mail. */
export interface Tracking {
  readonly opens: boolean;
  readonly clicks: boolean;
}

/** A link that was rewritten, as its event tells of it. */
export interface TrackedLink {
  readonly link: string;
  /** Tags of the `ses:tags` attribute; undefined without. */
  readonly linkTags: Readonly<Record<string, readonly string[]>> | undefined;
}

/** Marks that were put into a mail. */
export interface TrackingMarks {
  readonly hasPixel: boolean;
  /** Links by their number. */
  readonly links: readonly TrackedLink[];
}

/** URLs that stand in the mail instead. */
export interface TrackingUrls {
  readonly open: string;
  click(index: number): string;
}

const MAX_LINKS = 250;
const PLACEHOLDER = '{{ses:openTracker}}';
const [NO_TRACK, TAGS] = ['ses:no-track', 'ses:tags'] as const;

/**
 * HTML as SES changes it: links to web pages lead to its own server, and an image of one pixel is added where the
 * placeholder says or at the end. Links in plain text are left alone (SES guide, "Amazon SES email sending metrics FAQs"
 * and "Configuring custom domains to handle open and click tracking").
 */
export async function trackHtml(
  html: string,
  { opens, clicks }: Tracking,
  urls: TrackingUrls,
): Promise<{ readonly html: string; readonly marks: TrackingMarks }> {
  const links: TrackedLink[] = [];
  const linked = clicks
    ? await changeAnchors(html, (attributes) => {
        const tracked = links.length < MAX_LINKS ? trackedLinkOf(attributes) : undefined;
        const href = tracked === undefined ? {} : { href: urls.click(links.push(tracked) - 1) };
        return { [NO_TRACK]: undefined, [TAGS]: undefined, ...href };
      })
    : html;
  return {
    html: opens ? await addPixel(linked, urls.open) : linked,
    marks: { hasPixel: opens, links },
  };
}

function trackedLinkOf(attributes: Attributes): TrackedLink | undefined {
  const link = attributes.has(NO_TRACK) ? undefined : webLinkOf(attributes);
  return link === undefined ? undefined : { link, linkTags: readTags(attributes.get(TAGS)?.value) };
}

/** Reads tags such as `product:book;genre:fiction;`. */
function readTags(text: string | undefined): TrackedLink['linkTags'] {
  if (text === undefined) return undefined;
  const pairs = text.split(';').flatMap((pair) => {
    const [name = '', ...value] = pair.split(':');
    return value.length === 0 ? [] : [[name.trim(), [value.join(':').trim()]] as const];
  });
  return Object.fromEntries(pairs);
}

/** Adds the pixel. Placeholders beyond the first are taken out. */
async function addPixel(html: string, url: string): Promise<string> {
  const pixel = `<img alt="" src="${url}" style="display: none; width: 1px; height: 1px;">`;
  const [before = '', ...after] = html.split(PLACEHOLDER);
  if (after.length > 0) return before + pixel + after.join('');
  const end = await findBodyEnd(html);
  return html.slice(0, end) + pixel + html.slice(end);
}

/** Where the last end tag of a body begins; the end of the HTML where there is none. */
async function findBodyEnd(html: string): Promise<number> {
  const parser = new RewritingStream();
  let end = html.length;
  parser.on('endTag', ({ tagName, sourceCodeLocation }) => {
    if (tagName === 'body') end = sourceCodeLocation?.startOffset ?? end;
  });
  parser.end(html);
  await finished(parser);
  return end;
}
