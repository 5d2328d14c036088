/**
 * Imported ahead of the tests, in their process and in the runner: what is compiled once, types stripped, is kept for
 * all processes that run tests or are started by them.
 */

import { enableCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'postlane-compile-cache');
enableCompileCache(process.env.NODE_COMPILE_CACHE);
