import * as z from 'zod/mini';
import { readSesNotification, type SesReading } from './ses-notification.ts';

const anyWaitingEvent = z.looseObject({ version: z.number(), notification: z.unknown() });

/** An event that waits in the event queue for a store to come back. Version 1; fields are only ever added. */
const waitingEvent = z.object({ version: z.literal(1), waits: z.number(), notification: z.unknown() });

export type WaitingEvent = z.infer<typeof waitingEvent>;

/** A record of the event queue: what it says, and what to requeue where that cannot be written now. */
export interface EventJob {
  readonly event: WaitingEvent;
  readonly reading: SesReading;
}

/** @throws where it is no event, one of another version, or one of a known type without the shape that SES documents */
export function parseEventJob(value: unknown): EventJob {
  const isWaiting = anyWaitingEvent.safeParse(value).success && 'notification' in (value as object);
  const event: WaitingEvent = isWaiting
    ? waitingEvent.parse(value)
    : { version: 1, waits: 0, notification: value };
  return { event, reading: readSesNotification(event.notification) };
}
