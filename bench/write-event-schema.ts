/**
 * `npm run schemas`: writes docs/events.schema.json. It is here because nothing that runs or is deployed may depend on it,
 * and because this folder alone may look into all the others.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventSchema } from '../shared/event-catalog/contract/event-schema.ts';

const file = join(import.meta.dirname, '../docs/events.schema.json');
writeFileSync(file, `${JSON.stringify(eventSchema(), null, 2)}\n`);
