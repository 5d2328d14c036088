import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { ROOT } from './sources.ts';

/** A Markdown file of the project. */
export interface Document {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export const readDocuments = (): readonly Document[] =>
  globSync('{*.md,{docs,functions,local,test,cli,console,smtp}/**/*.md}', {
    cwd: ROOT,
    exclude: ['**/node_modules/**'],
  })
    .sort()
    .map((path) => ({ path, text: readFileSync(posix.join(ROOT, path), 'utf8') }));

interface Link {
  readonly from: string;
  /** A path from the root. */
  readonly to: string;
  /** Without the `#`. */
  readonly anchor: string | undefined;
}

const withoutBlocks = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '');

/** Links to files of the project and to headings; those that leave it are not looked at. */
export const linksOf = ({ path, text }: Document): readonly Link[] =>
  [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = '', anchor] = target.split('#');
      return { from: path, to: file === '' ? path : posix.join(posix.dirname(path), file), anchor };
    });

/** Headings as GitHub makes anchors of them. */
export const anchorsOf = ({ text }: Document): readonly string[] =>
  [...withoutBlocks(text).matchAll(/^#{1,6}\s+(.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );

const TOP = 'infra|functions|shared|local|cli|console|smtp|test|bench|docs|\\.ci';

const PATH = new RegExp(`^(?:(?:${TOP})/[\\w./<>*…-]*|[\\w-]+\\.(?:config\\.ts|ts|json|md))$`);

/** Paths in inline code, as they are written: `shared/pace/pace.ts`, `admit-job.ts`, `functions/<verb-noun>/`. */
export const pathsOf = ({ text }: Document): readonly string[] =>
  [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)]
    .map(([, code = '']) => code)
    .filter((code) => PATH.test(code));

/** `npm …` and `npx …` commands, in inline code and in blocks: the script, or the package that is run. */
export const commandsOf = ({
  text,
}: Document): readonly { readonly runner: string; readonly name: string }[] =>
  [...text.matchAll(/\b(npm|npx) (?:run )?([a-z][\w:-]*)/g)].map(([, runner = '', name = '']) => ({
    runner,
    name,
  }));
