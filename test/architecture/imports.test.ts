import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, test } from 'node:test';

const ROOT = resolve(import.meta.dirname, '../..');
const FILES = globSync('{infra,functions,shared,local,bench}/**/*.ts', { cwd: ROOT });

/** `import … from`, `export … from`, and, for what is loaded later or for its effects, `import '…'` and `import('…')`. */
const IMPORT = /(?:^|\n)(?:import|export)\s[^;]*?from\s+'([^']+)'|\bimport\s*\(?\s*'([^']+)'/g;

interface Import {
  readonly from: string;
  /** A path from the root for our own files, the specifier for packages. */
  readonly to: string;
}

const IMPORTS: readonly Import[] = FILES.flatMap((from) => {
  const text = readFileSync(join(ROOT, from), 'utf8');
  return [...text.matchAll(IMPORT)]
    .map(([, named, bare]) => named ?? bare ?? '')
    .map((specifier) => ({
      from,
      to: specifier.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(from), specifier)) : specifier,
    }));
});

const isOwn = ({ to }: Import) => /^(infra|functions|shared|local|test|bench|postlane)/.test(to);
const violations = (
  from: RegExp,
  isAllowed: (to: string, file: string) => boolean,
  only: (i: Import) => boolean = isOwn,
) =>
  IMPORTS.filter((entry) => from.test(entry.from) && only(entry) && !isAllowed(entry.to, entry.from)).map(
    (entry) => `${entry.from} imports ${entry.to}`,
  );

describe('imports point one way', () => {
  test('domain imports domain', () => {
    assert.deepEqual(
      violations(/^shared\/domain\//, (to) => to.startsWith('shared/domain/')),
      [],
    );
  });

  test('contract imports domain and contract', () => {
    assert.deepEqual(
      violations(/^shared\/contract\//, (to) => /^shared\/(domain|contract)\//.test(to)),
      [],
    );
  });

  test('adapters import domain, contract and adapters', () => {
    assert.deepEqual(
      violations(/^shared\/adapters\//, (to) => /^shared\/(domain|contract|adapters)\//.test(to)),
      [],
    );
  });

  test('runtime imports contract, domain types and runtime', () => {
    assert.deepEqual(
      violations(/^shared\/runtime\//, (to) => /^shared\/(domain|contract|runtime)\//.test(to)),
      [],
    );
  });

  test('a use case imports domain, contract and its own folder', () => {
    const isAllowed = (to: string, file: string) =>
      /^shared\/(domain|contract)\//.test(to) || dirname(to) === dirname(file);
    assert.deepEqual(violations(/^functions\/[^/]+\/(?!handler\.ts)/, isAllowed), []);
  });

  test('only handlers join adapters and runtime to a use case', () => {
    assert.deepEqual(
      violations(/^functions\/.*handler\.ts$/, (to) => /^(shared|functions)\//.test(to)),
      [],
    );
  });

  test('infra and local know of shared only the resources', () => {
    const isAllowed = (own: RegExp) => (to: string) => own.test(to) || to === 'shared/resources.ts';
    assert.deepEqual(violations(/^infra\//, isAllowed(/^(infra|postlane)/)), []);
    assert.deepEqual(violations(/^local\//, isAllowed(/^local/)), []);
  });

  test('nothing imports test or bench but they themselves', () => {
    assert.deepEqual(
      violations(/^(infra|functions|shared|local)\//, (to) => !/^(test|bench)\//.test(to)),
      [],
    );
  });

  test('use cases know of no handler', () => {
    const isHandler = (to: string) => /^functions\/.*handler\.ts$/.test(to);
    assert.deepEqual(
      violations(/./, (to) => !isHandler(to)),
      [],
    );
  });

  test('domain needs no package, and contract needs only zod', () => {
    const isPackage = (entry: Import) => !isOwn(entry) && !entry.to.startsWith('node:');
    assert.deepEqual(
      violations(/^shared\/domain\//, () => false, isPackage),
      [],
    );
    assert.deepEqual(
      violations(/^shared\/contract\//, (to) => to.startsWith('zod'), isPackage),
      [],
    );
  });

  test('the AWS SDK is spoken in adapters, CDK in infra, middy in runtime and handlers', () => {
    const homes = [
      // Beside them a command of the operator's, who is no function.
      { package: /^@aws-sdk\//, home: /^shared\/adapters\/|^bench\/|^infra\/rebuild-log\.ts$/ },
      { package: /^aws-cdk-lib|^cdk-nag|^constructs/, home: /^infra\// },
      { package: /^@middy\//, home: /^shared\/runtime\/|handler\.ts$/ },
    ];
    const strays = IMPORTS.filter(({ from, to }) =>
      homes.some((rule) => rule.package.test(to) && !rule.home.test(from)),
    );
    assert.deepEqual(strays, []);
  });
});
