import { globSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
/**
 * Folder of the bundles. A start of the local cloud has one of its own, so that two do not write into each
 * other's bundles.
 */
const DIST = process.env.POSTLANE_DIST_DIR ?? join(ROOT, 'dist/functions');
/**
 * Size limit of a bundle. Under 1 MB the size hardly shows in a cold start; the SDK clients alone are about
 * 0.4 MB.
 */
const BUDGET_BYTES = 1024 * 1024;

/** Clients of the SDK import their whole package.json for the version that they name to AWS: some 2 KB each. */
const onlyTheVersion: Plugin = {
  name: 'only-the-version',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@aws-sdk[\\/][^\\/]+[\\/]package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8'));
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

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
  plugins: [onlyTheVersion],
  legalComments: 'none',
  logLevel: 'warning',
};

/**
 * Loaded with the first mail that needs them, so they stay out of what every cold start has to read: as packages of their
 * own beside the bundles that use them.
 */
const LAZY_PACKAGES = ['html-to-text', 'chrono-node/en'];

/** Every folder with a handler is a function. */
const entryPoints = globSync('functions/*/handler.ts', { cwd: ROOT })
  .sort()
  .map((path) => ({ in: join(ROOT, path), out: join(basename(dirname(path)), 'index') }));

const bundles = await build({ ...COMMON, entryPoints, external: LAZY_PACKAGES, metafile: true });
await build({ ...COMMON, entryPoints: lazyEntryPointsOf(bundles.metafile) });

for (const { out } of entryPoints) {
  const file = join(DIST, `${out}.js`);
  const bytes = statSync(file).size;
  console.log(`${(bytes / 1024).toFixed(0).padStart(6)} KB  ${dirname(out)}`);
  if (bytes > BUDGET_BYTES) throw new Error(`${file} is ${bytes} bytes, over ${BUDGET_BYTES}`);
}

function lazyEntryPointsOf({ outputs }: Metafile): { in: string; out: string }[] {
  return Object.entries(outputs).flatMap(([file, { imports }]) => {
    const lazy = imports.filter(({ external, path }) => external && LAZY_PACKAGES.includes(path));
    return [...new Set(lazy.map(({ path }) => path))].map((path) => ({
      in: createRequire(import.meta.url).resolve(path),
      out: join(basename(dirname(file)), 'node_modules', path, 'index'),
    }));
  });
}
