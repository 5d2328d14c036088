import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { test } from 'node:test';

const SRC = join(import.meta.dirname, '../src');

/** The folders of local/src, ground floor first: each imports only those before it, and the top joins them all. */
const ORDER = [
  ...['host', 'emulators', 'assembly', 'gateway'],
  ...['lambda', 's3', 'sqs', 'sns', 'events', 'dynamodb', 'ses', 'sink', 'http-api'],
  '.',
];

const floorOf = (path: string): number =>
  ORDER.indexOf(path.includes('/') ? (path.split('/')[0] ?? '') : '.');

interface Import {
  readonly from: string;
  readonly to: string;
}

const importsOf = (from: string, text: string): readonly Import[] =>
  [...text.matchAll(/\bfrom\s+'(\.[^']+)'|\bimport\(\s*'(\.[^']+)'/g)].map(([, named, lazy]) => ({
    from,
    to: posix.join(posix.dirname(from), named ?? lazy ?? ''),
  }));

const upwards = (imports: readonly Import[]): readonly string[] =>
  imports
    .filter(({ from, to }) => !to.startsWith('..') && floorOf(to) > floorOf(from))
    .map(({ from, to }) => `${from} imports ${to}`);

test('a folder of the local cloud imports only folders before it', () => {
  const files = globSync('**/*.ts', { cwd: SRC });
  assert.deepEqual(
    files.filter((file) => floorOf(file) < 0),
    [],
  );
  assert.deepEqual(
    upwards(files.flatMap((file) => importsOf(file, readFileSync(join(SRC, file), 'utf8')))),
    [],
  );
});

test('an import of a later folder is found', () => {
  const planted = importsOf('sqs/emulator.ts', "import { it } from '../dynamodb/emulator.ts';");
  assert.equal(upwards(planted).length, 1);
});
