import * as z from 'zod/mini';
import { readSesNotification, type SesReading } from './ses-notification.ts';

/** A held event of any version. */
const anyHeldEvent = z.looseObject({ version: z.number(), notification: z.unknown() });
/** An event that waits in the event queue for a store to come back. Version 1; fields are only ever added. */
const heldEvent = z.object({ version: z.literal(1), waits: z.number(), notification: z.unknown() });

export type HeldEvent = z.infer<typeof heldEvent>;

/** A record of the event queue: what it says, and what to put back where that cannot be written now. */
export interface EventJob {
  readonly held: HeldEvent;
  readonly reading: SesReading;
}

/** @throws where it is no event, one of another version, or one of a known type without the shape that SES documents */
export function parseEventJob(value: unknown): EventJob {
  const isHeld = anyHeldEvent.safeParse(value).success && 'notification' in (value as object);
  const held: HeldEvent = isHeld ? heldEvent.parse(value) : { version: 1, waits: 0, notification: value };
  return { held, reading: readSesNotification(held.notification) };
}
