/** Every test of test/shared in one process: one each would be more work than the tests themselves. */

import { importTests } from '../support/base/import-tests.ts';

await importTests('shared');
