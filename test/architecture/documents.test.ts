import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { anchorsOf, commandsOf, type Document, linksOf, pathsOf, readDocuments } from './documents.ts';
import { ROOT, readSources } from './sources.ts';

const DOCUMENTS = readDocuments();
const SOURCES = readSources();
const ALL_TEXT = DOCUMENTS.map(({ text }) => text).join('\n');

const readJson = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

const FILE_NAMES = new Set(
  globSync('{*,{infra,functions,shared,local,cli,test,bench,docs}/**/*.*}', {
    cwd: ROOT,
    exclude: ['**/node_modules/**'],
  }).map((path) => basename(path)),
);

/** A path with `<name>`, `*` or `…` in it stands for several; it exists where one of them does. */
function exists(path: string): boolean {
  if (!path.includes('/')) return FILE_NAMES.has(path);
  const pattern = path.replaceAll(/<[^>]+>|…/g, '*');
  return pattern.includes('*') ? globSync(pattern, { cwd: ROOT }).length > 0 : existsSync(join(ROOT, path));
}

const missingLinks = (document: Document) =>
  linksOf(document).filter(({ to, anchor }) => {
    if (!existsSync(join(ROOT, to))) return true;
    const target = DOCUMENTS.find(({ path }) => path === to);
    return anchor !== undefined && target !== undefined && !anchorsOf(target).includes(anchor);
  });

describe('documents', () => {
  test('every link leads to a file that exists, and every anchor to a heading', () => {
    assert.deepEqual(DOCUMENTS.flatMap(missingLinks), []);
  });

  test('every path that is named exists', () => {
    const missing = DOCUMENTS.flatMap((document) =>
      pathsOf(document)
        .filter((path) => !exists(path) && !exists(join(dirname(document.path), path)))
        .map((path) => `${document.path}: ${path}`),
    );
    assert.deepEqual(missing, []);
  });

  test('every command that is named exists', () => {
    const { scripts, devDependencies } = readJson('package.json');
    const builtIn = ['ci', 'install', 'start', 'test', 'run'];
    const known = {
      npm: [...Object.keys(scripts), ...builtIn],
      npx: Object.keys(devDependencies).flatMap((name) => {
        const { bin = {} } = readJson(`node_modules/${name}/package.json`);
        return typeof bin === 'string' ? [basename(name)] : Object.keys(bin);
      }),
    };
    const unknown = DOCUMENTS.flatMap((document) =>
      commandsOf(document)
        .filter(({ runner, name }) => !known[runner as keyof typeof known].includes(name))
        .map(({ runner, name }) => `${document.path}: ${runner} ${name}`),
    );
    assert.deepEqual(unknown, []);
  });

  test('every environment variable that the code reads is in a document', () => {
    const names = SOURCES.filter(({ path }) => !/(^|\/)test\//.test(path)).flatMap(({ path, text }) => [
      ...text.matchAll(/\b(?:process\.env|environment|variables)\.([A-Z][A-Z\d_]+)\b/g),
      ...text.matchAll(/'((?:POSTLANE_|AWS_ENDPOINT_)[A-Z\d_]+)'/g),
      ...(path.startsWith('functions/') ? text.matchAll(/^ *'([A-Z][A-Z\d_]+)',$/gm) : []),
    ]);
    const missing = new Set(names.map(([, name = '']) => name).filter((name) => !ALL_TEXT.includes(name)));
    assert.deepEqual([...missing], []);
  });

  test('every route below /_local is in docs/local-cloud.md', () => {
    const text = readFileSync(join(ROOT, 'docs/local-cloud.md'), 'utf8');
    const routes = SOURCES.filter(({ path }) => path.startsWith('local/src/')).flatMap((source) =>
      [...source.text.matchAll(/['"`](\/_local\/[a-z-]*)/g)].map(([, route = '']) => route),
    );
    const missing = new Set(routes.filter((route) => !text.includes(route)));
    assert.deepEqual([...missing], []);
  });

  test('the README has at most 600 words', () => {
    const readme = DOCUMENTS.find(({ path }) => path === 'README.md');
    assert.ok((readme?.text.split(/\s+/).filter(Boolean).length ?? 0) <= 600);
  });

  test('the glossary has forty words, each once', () => {
    const glossary = DOCUMENTS.find(({ path }) => path === 'docs/glossary.md');
    const words = [...(glossary?.text ?? '').matchAll(/^\| \*\*([^*]+)\*\*/gm)].map(([, word]) => word);
    assert.equal(words.length, 40);
    assert.equal(new Set(words).size, 40);
  });
});

describe('what is looked for in documents', () => {
  const document = (text: string): Document => ({ path: 'docs/page.md', text });

  test('a link to a file that is not there is found', () => {
    assert.equal(missingLinks(document('[there](nowhere.md)')).length, 1);
  });

  test('a link to a heading that is not there is found', () => {
    assert.equal(missingLinks(document('[there](glossary.md#nowhere)')).length, 1);
  });

  test('a path that is not there is found, also with a placeholder', () => {
    const paths = pathsOf(
      document('`shared/nowhere.ts` and `functions/<verb-noun>/nowhere.ts` and `nowhere.ts`'),
    );
    assert.deepEqual(paths.map(exists), [false, false, false]);
  });

  test('commands are found in text and in blocks', () => {
    assert.deepEqual(commandsOf(document('`npm run tail`\n```sh\nnpx cdk deploy\n```')), [
      { runner: 'npm', name: 'tail' },
      { runner: 'npx', name: 'cdk' },
    ]);
  });
});
