import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface PageOptions {
  /** Name of what is hosted, as the page says it. */
  readonly product: string;
  /** Shown in the sample that sends a first mail. */
  readonly sample: { readonly apiKey: string; readonly from: string };
  /** `host:port` where mail goes instead; said on the page, because the sink then stays empty. */
  readonly smtpTarget?: string;
}

export interface Page {
  readonly html: Buffer;
  readonly script: Buffer;
}

const FOLDER = join(import.meta.dirname, 'page');
const STYLE_MARK = '/* page.css */';

/** Reads the files of the page and fills its frame in; what a mail says is filled in by the script. */
export async function loadPage(options: PageOptions): Promise<Page> {
  const [frame = '', style = '', script = ''] = await Promise.all(
    ['page.html', 'page.css', 'page.js'].map((name) => readFile(join(FOLDER, name), 'utf8')),
  );
  const html = fillIn(frame, {
    product: options.product,
    ...options.sample,
    smtpTarget: options.smtpTarget ?? '',
  }).replace(STYLE_MARK, () => style);
  return { html: Buffer.from(html), script: Buffer.from(script) };
}

/** Puts values, escaped, in place of `{{name}}`. */
const fillIn = (frame: string, values: Readonly<Record<string, string>>): string =>
  frame.replace(/\{\{(\w+)\}\}/g, (_, name: string) => escapeHtml(values[name] ?? ''));

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
