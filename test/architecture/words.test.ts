import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readSources } from './sources.ts';

const SOURCES = readSources();

const isTest = ({ path }: { readonly path: string }): boolean => /(^|\/)test\//.test(path);

/** Its planted titles hang on purpose. */
const isThis = ({ path }: { readonly path: string }): boolean => path === 'test/architecture/words.test.ts';

/** A machine has a name: worker, job, endpoint, reader. */
const NAMELESS = /\b(whoever|whatever|nobody|somebody)\b/gi;

const MOST_NAMELESS = 10;

/** The first words of a title that cannot be read alone. */
const HANGING = new Set(
  [
    'about above across after against along although among around as at because before behind below beneath beside',
    'besides between beyond by despite down during except for from if in inside into like near of off on once onto out',
    'outside over past per since than though through throughout till to toward towards under unless until unto up upon',
    'via when whenever where whereas whether which while who whom whose what that how why with within without',
    'is are has have was were had does do did can may must will would could should',
  ].flatMap((words) => words.split(' ')),
);

const TITLE = /\b(?:test|it)\(\s*(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|`((?:\\.|[^`\\])*)`)/g;

const titlesIn = (text: string): readonly string[] =>
  [...text.matchAll(TITLE)].map(([, single, double, template]) => single ?? double ?? template ?? '');

const isHanging = (title: string): boolean => HANGING.has(/^[a-z]+/i.exec(title)?.[0].toLowerCase() ?? '');

describe('words', () => {
  test('machines are named: nameless ones are few', () => {
    const found = SOURCES.filter((source) => !isTest(source)).flatMap(({ path, text }) =>
      [...text.matchAll(NAMELESS)].map(([word]) => `${path}: ${word}`),
    );
    assert.ok(found.length <= MOST_NAMELESS, `${found.length}:\n${found.join('\n')}`);
  });

  test('a test title can be read alone', () => {
    const hanging = SOURCES.filter((source) => isTest(source) && !isThis(source)).flatMap(({ path, text }) =>
      titlesIn(text)
        .filter(isHanging)
        .map((title) => `${path}: ${title}`),
    );
    assert.deepEqual(hanging, []);
  });

  test('a hanging title is found in every kind of quotes', () => {
    const texts = ["test('is refused', f)", 'it("without a key", f)', 'test(`which of them`, f)'];
    assert.deepEqual(texts.flatMap(titlesIn).map(isHanging), [true, true, true]);
  });
});
