/** Every test of test/functions in one process: one each would be more work than the tests themselves. */

import { importTests } from '../support/base/import-tests.ts';

await importTests('functions');
