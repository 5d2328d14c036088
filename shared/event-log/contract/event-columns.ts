import { eventIdAt, eventTimeOf, isEventId, type PublishedEvent } from '../../events/published-event.ts';
import {
  createDictionary,
  createMessageTable,
  isMessageField,
  type MessageColumns,
  readMessageTable,
  usualTimeOf,
} from './message-columns.ts';
import type { PackedReader, PackedWriter } from './packed-ids.ts';

/** An event as a block has it: the block is a tenant's. */
type Told = Omit<PublishedEvent, 'tenant'>;

/** What many events of a block share: type, stream, marks, and the fields of their payload in order. */
interface EventKind extends Omit<Told, 'id' | 'createdAt' | 'data'> {
  readonly fields: readonly string[];
}

/** Events without their tenant and without the hashes of their ids, by columns: what is alike stands together. */
export interface EventColumns {
  /** Each once. */
  readonly kinds: EventKind[];
  readonly kindOf: number[];
  /** From event to event. */
  readonly sinceMs: number[];
  /** For each event that is about a mail: its place in `messages`. */
  readonly messageOf: number[];
  readonly messages: MessageColumns;
  /** The fields that are not about the mail, event after event. */
  readonly values: unknown[];
  /** Events whose id or time is written otherwise than we write them, as they are, by their place among all. */
  readonly others: [index: number, event: Told][];
}

export function toColumns(events: readonly PublishedEvent[], ids: PackedWriter): EventColumns {
  const messages = createMessageTable(ids);
  const columns = emptyColumns(messages.columns);
  const kindOf = createDictionary(columns.kinds);
  let beforeEpochMs = 0;

  const add = ({ id, createdAt: _, data, ...marks }: Told) => {
    const entries = Object.entries(data).filter(([, value]) => value !== undefined);
    const fields = entries.map(([field]) => field);
    columns.kindOf.push(kindOf({ ...marks, fields }));
    columns.sinceMs.push(eventTimeOf(id) - beforeEpochMs);
    beforeEpochMs = eventTimeOf(id);
    const isOfMail = fieldsOfMail(fields);
    const ofMail = entries.filter(([field]) => isOfMail(field));
    if (ofMail.length > 0) columns.messageOf.push(messages.placeOf(ofMail));
    columns.values.push(...entries.flatMap(([field, value]) => (isOfMail(field) ? [] : [value])));
  };

  for (const [index, { tenant: _, ...event }] of events.entries()) {
    if (hasUsualTime(event)) add(event);
    else columns.others.push([index, event]);
  }
  return columns;
}

/** @param hashes of the ids, 20 digits each */
export function fromColumns(
  columns: EventColumns,
  tenant: string,
  hashes: readonly string[],
  ids: PackedReader,
): readonly PublishedEvent[] {
  const messages = readMessageTable(columns.messages, ids).map((entries) => new Map(entries));
  const [kindOf, sinceMs] = [columns.kindOf.values(), columns.sinceMs.values()];
  const [messageOf, values] = [columns.messageOf.values(), columns.values.values()];
  const others = new Map(columns.others);
  let epochMs = 0;

  const next = (hash: string): Told => {
    const { fields, ...marks } = required(columns.kinds[required(kindOf.next().value)]);
    epochMs += required(sinceMs.next().value);
    const isOfMail = fieldsOfMail(fields);
    const mail = fields.some(isOfMail) ? messages[required(messageOf.next().value)] : undefined;
    const data = fields.map((field) => [field, isOfMail(field) ? mail?.get(field) : values.next().value]);
    const createdAt = new Date(epochMs).toISOString();
    return { id: eventIdAt(epochMs, hash), ...marks, createdAt, data: Object.fromEntries(data) };
  };

  return hashes.map((hash, index) => ({ ...(others.get(index) ?? next(hash)), tenant }));
}

const emptyColumns = (messages: MessageColumns): EventColumns => ({
  ...{ kinds: [], kindOf: [], sinceMs: [], messageOf: [], messages, values: [], others: [] },
});

/** Only what names a mail is about one: the fields of a domain or a suppression are its own. */
const fieldsOfMail = (fields: readonly string[]): ((field: string) => boolean) =>
  fields.includes('email_id') ? isMessageField : () => false;

const hasUsualTime = ({ id, createdAt }: Told): boolean =>
  isEventId(id) && usualTimeOf(createdAt) === eventTimeOf(id);

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError('A column is too short.');
  return value;
}
