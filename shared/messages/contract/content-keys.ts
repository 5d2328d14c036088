import { CONTENT_PREFIXES } from '../../resources.ts';
import type { Timed } from '../retry-schedule.ts';

/** Key of the bodies of a message, if the bucket has them. */
export function bodyKeyOf({ messageId, scheduledAtEpochMs }: Timed): string {
  const prefix = scheduledAtEpochMs === undefined ? CONTENT_PREFIXES.bodies : CONTENT_PREFIXES.scheduled;
  return `${prefix}${messageId}`;
}

/** Key of a file that came with the request. */
export function uploadKeyOf({ messageId, scheduledAtEpochMs }: Timed, attachmentId: string): string {
  const prefix = scheduledAtEpochMs === undefined ? CONTENT_PREFIXES.uploaded : CONTENT_PREFIXES.scheduled;
  return `${prefix}${messageId}/${attachmentId}`;
}
