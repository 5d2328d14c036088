import { invalidField } from '../../base/contract/errors.ts';
import { readUuid } from '../../base/contract/uuid.ts';
import type { PublishedEvent } from '../../events/published-event.ts';
import { PUBLISHED_EVENT_TYPES, type PublishedEventType } from './published-types.ts';

/** Part of the log that a reader wants to see. */
export interface EventFilter {
  /** Types of events; absent: all. */
  readonly types?: readonly PublishedEventType[];
  readonly emailId?: string;
}

/**
 * Reads `type`, one or several with commas between, and `email_id`.
 * @throws ContractError 422
 */
export function readEventFilter({ type, email_id }: Readonly<Record<string, string>>): EventFilter {
  return {
    ...(type === undefined ? {} : { types: readTypes(type) }),
    ...(email_id === undefined ? {} : { emailId: readUuid(email_id, 'email_id') }),
  };
}

export function isWanted({ type, data }: PublishedEvent, { types, emailId }: EventFilter): boolean {
  const isOfType = types === undefined || types.some((wanted) => wanted === type);
  return isOfType && (emailId === undefined || data.email_id === emailId);
}

/** Reads types separated by commas, as an HTTP API hands on what was repeated. */
function readTypes(text: string): readonly PublishedEventType[] {
  const types = text.split(',').map((each) => each.trim());
  const unknown = types.find((type) => !PUBLISHED_EVENT_TYPES.some((known) => known === type));
  if (unknown === undefined) return types as PublishedEventType[];
  throw invalidField(`\`type\` has no \`${unknown}\`; there is ${PUBLISHED_EVENT_TYPES.join(', ')}.`);
}
