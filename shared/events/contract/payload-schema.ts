import * as z from 'zod/mini';
import type { EventType } from '../event-types.ts';

/**
 * Parts of which payloads of all subjects are made. Fields are only ever added: a reader of a payload passes
 * over those that it does not know. `docs/events.schema.json` is made of it (`npm run schemas`).
 */

/** Names and sentences for the JSON Schema. */
export const eventDescriptions = z.registry<{ readonly id?: string; readonly description: string }>();

/** Describes a schema that nothing else uses: a sentence is about the schema, wherever it stands. */
export const described = <Schema extends z.ZodMiniType>(schema: Schema, description: string): Schema => {
  eventDescriptions.add(schema, { description });
  return schema;
};

/** Names a schema, which is written once and referred to by its name. */
export const named = <Schema extends z.ZodMiniType>(
  id: string,
  schema: Schema,
  description: string,
): Schema => {
  eventDescriptions.add(schema, { id, description });
  return schema;
};

export const time = named('time', z.iso.datetime(), 'ISO 8601, UTC.');
export const id = named('id', z.guid(), 'A UUID.');

/** One event of a type. */
export function eventPayload<const Type extends EventType, Data extends z.ZodMiniType>(
  type: Type,
  data: Data,
  description: string,
) {
  /** `created_at` is when it happened. */
  return named(type, z.object({ type: z.literal(type), created_at: time, data }), description);
}
