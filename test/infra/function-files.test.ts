import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { functionFolders } from '../support/infra/function-folders.ts';
import { variablesIn } from '../support/infra/parsed-variables.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('a function', () => {
  test('its definition in infra/functions/ is named like its folder', () => {
    for (const name of functionFolders()) {
      const path = join(ROOT, 'infra/functions', `${name}.ts`);
      assert.ok(existsSync(path), path);
      assert.match(readFileSync(path, 'utf8'), new RegExp(`\\bname: '${name}',`));
    }
  });

  test('functions/README.md has a line and a heading for it', () => {
    const readme = readFileSync(join(ROOT, 'functions/README.md'), 'utf8');
    for (const name of functionFolders()) {
      assert.ok(readme.includes(`\n| [${name}](${name}/) |`), `line of ${name}`);
      assert.ok(readme.includes(`\n## ${name}\n`), `heading of ${name}`);
    }
  });

  test('its variables are found in whatever layout the call has', () => {
    const names = ['EVENTS_TABLE_NAME', 'STREAMS'];
    assert.deepEqual(variablesIn("readEnvironment(['EVENTS_TABLE_NAME', 'STREAMS']);"), names);
    assert.deepEqual(variablesIn("readEnvironment([\n  'EVENTS_TABLE_NAME',\n  'STREAMS',\n]);"), names);
    assert.deepEqual(variablesIn('no call'), []);
  });

  test('variables that are read in another way are refused', () => {
    for (const source of [
      'readEnvironment(names)',
      "readEnvironment(['STREAMS', ...more])",
      'process.env.STREAMS',
    ])
      assert.throws(() => variablesIn(source), Error, source);
  });
});
