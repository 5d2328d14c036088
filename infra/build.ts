import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { FUNCTION_NAMES, type FunctionName } from '../shared/resources.ts';

const ROOT = join(import.meta.dirname, '..');
/** A start of the local cloud has a folder of its own, so that two do not write into each other's bundles. */
const DIST = process.env.POSTLANE_DIST_DIR ?? join(ROOT, 'dist/functions');
/** Under 1 MB the size of a bundle hardly shows in a cold start; the SDK clients alone are about 0.4 MB. */
const BUDGET_BYTES = 1024 * 1024;

/** CommonJS loads faster than ESM and gains more from V8's cache. */
const COMMON: BuildOptions = {
  outdir: DIST,
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'cjs',
  target: 'node24',
  // `import()` becomes `require`, which finds a folder's index; the loader of ES modules does not.
  supported: { 'dynamic-import': false },
  // The SDK's ES modules can be shaken, its CommonJS ones cannot: accept-message 784 KB instead of 1,040, loaded in 0.7 of the time.
  mainFields: ['module', 'main'],
  // Node reads a bundle as UTF-8: escapes are longer than the characters they stand for.
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
};

/**
 * Loaded with the first mail that needs them, so they stay out of what every cold start has to read: as packages of their
 * own beside the bundles of those who use them.
 */
const LAZY_PACKAGES = ['html-to-text', 'chrono-node/en'];
const LAZY_USERS: readonly FunctionName[] = ['accept-message', 'control-api'];

const entryPoints = FUNCTION_NAMES.map((name) => ({
  in: join(ROOT, 'functions', name, 'handler.ts'),
  out: join(name, 'index'),
}));
const lazyEntryPoints = LAZY_USERS.flatMap((name) =>
  LAZY_PACKAGES.map((lazyPackage) => ({
    in: createRequire(import.meta.url).resolve(lazyPackage),
    out: join(name, 'node_modules', lazyPackage, 'index'),
  })),
);

await Promise.all([
  build({ ...COMMON, entryPoints, external: LAZY_PACKAGES }),
  build({ ...COMMON, entryPoints: lazyEntryPoints }),
]);

for (const { out } of entryPoints) {
  const file = join(DIST, `${out}.js`);
  const bytes = statSync(file).size;
  console.log(`${(bytes / 1024).toFixed(0).padStart(6)} KB  ${out.split('/')[0]}`);
  if (bytes > BUDGET_BYTES) throw new Error(`${file} is ${bytes} bytes, over ${BUDGET_BYTES}`);
}
