import * as z from 'zod/mini';
import { eventDescriptions } from '../../events/contract/payload-schema.ts';
import { webhookPayload } from './payloads.ts';

/**
 * The payloads as JSON Schema (draft 2020-12), each type under its name in `$defs`. It allows fields that it does not name:
 * fields are added without a new version.
 */
export function eventSchema() {
  const { $schema, ...schema } = z.toJSONSchema(webhookPayload, { io: 'input', metadata: eventDescriptions });
  return {
    $schema,
    title: 'Events',
    description: 'What a webhook is sent, and what the event log holds beside the id of each event.',
    ...schema,
  };
}
