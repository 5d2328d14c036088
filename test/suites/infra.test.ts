/** Every test of test/infra in one process, which loads the CDK once. */

import { importTests } from '../support/base/import-tests.ts';

await importTests('infra');
