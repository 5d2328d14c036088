import {
  PUBLISHED_EVENT_TYPES,
  type PublishedEvent,
  type PublishedEventType,
} from '../domain/published-event.ts';
import { invalidField } from './errors.ts';
import { readUuid } from './uuid.ts';

/** What somebody wants to see of the log. */
export interface EventFilter {
  /** Absent: all. */
  readonly types?: readonly PublishedEventType[];
  readonly emailId?: string;
}

/**
 * `type`, one or several with commas between, and `email_id`.
 * @throws ContractError 422
 */
export function readEventFilter({ type, email_id }: Readonly<Record<string, string>>): EventFilter {
  return {
    ...(type === undefined ? {} : { types: readTypes(type) }),
    ...(email_id === undefined ? {} : { emailId: readUuid(email_id, 'email_id') }),
  };
}

export function isWanted({ type, data }: PublishedEvent, { types, emailId }: EventFilter): boolean {
  const isOfType = types === undefined || types.includes(type);
  return isOfType && (emailId === undefined || data.email_id === emailId);
}

function readTypes(text: string): readonly PublishedEventType[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const unknown = names.find((name) => !PUBLISHED_EVENT_TYPES.some((type) => type === name));
  if (unknown === undefined && names.length > 0) return names as PublishedEventType[];
  throw invalidField(
    `\`type\` must be one or more of ${PUBLISHED_EVENT_TYPES.join(', ')}, with commas between.`,
  );
}
