import {
  joinSesMessageId,
  joinUuid,
  type PackedReader,
  type PackedWriter,
  splitSesMessageId,
  splitUuid,
} from './packed-ids.ts';

/** The fields of a payload that are about its mail, and the same in all events of that mail. */
const MESSAGE_FIELDS: ReadonlySet<string> = new Set([
  'email_id',
  'message_id',
  'created_at',
  'from',
  'to',
  'subject',
  'tags',
  'broadcast_id',
  'template_id',
  'headers',
]);

export const isMessageField = (field: string): boolean => MESSAGE_FIELDS.has(field);

export type Entry = readonly [field: string, value: unknown];

/** The mails that the events of a block are about, each once, by columns: what is alike stands together. */
export interface MessageColumns {
  /** Which fields a mail has; each combination once. */
  readonly shapes: (readonly string[])[];
  /** For each mail. */
  readonly shapeOf: number[];
  /** By field, for each mail that has it. */
  readonly values: Record<string, unknown[]>;
  /** What is around the message ids of a region, each once. */
  readonly frames: (readonly [string, string])[];
  /** For each message id that is packed. */
  readonly frameOf: number[];
}

export interface MessageTable {
  readonly columns: MessageColumns;
  /** The place of a mail in the table; adds it where it is new. */
  placeOf(entries: readonly Entry[]): number;
}

export function createMessageTable(ids: PackedWriter): MessageTable {
  const columns: MessageColumns = { shapes: [], shapeOf: [], values: {}, frames: [], frameOf: [] };
  const context = { ids, frameOf: createDictionary(columns.frames), columns, epochMs: 0 };
  const shapeOf = createDictionary(columns.shapes);
  const placeOf = createDictionary<readonly Entry[]>([]);

  return {
    columns,
    placeOf(entries) {
      const place = placeOf(entries);
      if (place < columns.shapeOf.length) return place;
      columns.shapeOf.push(shapeOf(entries.map(([field]) => field)));
      for (const [field, value] of entries) {
        columns.values[field] ??= [];
        columns.values[field].push(pack(field, value, context));
      }
      return place;
    },
  };
}

export function readMessageTable(columns: MessageColumns, ids: PackedReader): readonly (readonly Entry[])[] {
  const context = { columns, ids, epochMs: 0, frameOf: columns.frameOf.values() };
  const values = new Map(
    Object.entries(columns.values).map(([field, column]) => [field, column.values()] as const),
  );
  return columns.shapeOf.map((shape) =>
    (columns.shapes[shape] ?? []).map((field) => [
      field,
      unpack(field, values.get(field)?.next().value, context),
    ]),
  );
}

/** Gives each value its place in a list, which takes each once. */
export function createDictionary<Value>(list: Value[]): (value: Value) => number {
  const places = new Map<string, number>();
  return (value) => {
    const key = JSON.stringify(value);
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, places.size);
    return list.push(value) - 1;
  };
}

interface Context {
  readonly columns: MessageColumns;
  /** Of the last id that was packed: other times are counted from it. */
  epochMs: number;
}

interface Writing extends Context {
  readonly ids: PackedWriter;
  readonly frameOf: (frame: readonly [string, string]) => number;
}

interface Reading extends Context {
  readonly ids: PackedReader;
  readonly frameOf: Iterator<number>;
}

interface Packing {
  /** Undefined where the value is none of those that this is for. */
  readonly pack: (value: unknown, context: Writing) => number | string | undefined;
  readonly unpack: (packed: unknown, context: Reading) => unknown;
}

const emailId: Packing = {
  pack(value, context) {
    const uuid = typeof value === 'string' ? splitUuid(value) : undefined;
    if (uuid === undefined) return undefined;
    const sinceMs = uuid.epochMs - context.epochMs;
    context.epochMs = uuid.epochMs;
    context.ids.hex(uuid.tail);
    return sinceMs;
  },
  unpack(sinceMs, context) {
    context.epochMs += Number(sinceMs);
    return joinUuid(context.epochMs, context.ids);
  },
};

const messageIdHeader: Packing = {
  pack(value, { columns, ids, frameOf, epochMs }) {
    const id = typeof value === 'string' ? splitSesMessageId(value) : undefined;
    if (id === undefined) return undefined;
    columns.frameOf.push(frameOf(id.frame));
    ids.hex(id.tail);
    return id.epochMs - epochMs;
  },
  unpack(sinceMs, { columns, ids, epochMs, frameOf }) {
    const frame = columns.frames[frameOf.next().value ?? 0] ?? ['', ''];
    return joinSesMessageId(frame, epochMs + Number(sinceMs), ids);
  },
};

const createdAt: Packing = {
  pack: (value, { epochMs }) => {
    const timeMs = usualTimeOf(value);
    return timeMs === undefined ? undefined : timeMs - epochMs;
  },
  unpack: (sinceMs, { epochMs }) => new Date(epochMs + Number(sinceMs)).toISOString(),
};

const recipients: Packing = {
  pack: (value) => {
    const only: unknown = Array.isArray(value) && value.length === 1 ? value[0] : undefined;
    return typeof only === 'string' ? only : undefined;
  },
  unpack: (only) => [only],
};

const PACKINGS: ReadonlyMap<string, Packing> = new Map([
  ['email_id', emailId],
  ['message_id', messageIdHeader],
  ['created_at', createdAt],
  ['to', recipients],
]);

/** What does not follow from what is packed stands as it is; in brackets, to be told from what does. */
function pack(field: string, value: unknown, context: Writing): unknown {
  const packing = PACKINGS.get(field);
  return packing === undefined ? value : (packing.pack(value, context) ?? [value]);
}

function unpack(field: string, stored: unknown, context: Reading): unknown {
  const packing = PACKINGS.get(field);
  if (packing === undefined) return stored;
  return Array.isArray(stored) ? stored[0] : packing.unpack(stored, context);
}

/** Epoch milliseconds of a time that is written as we write times; undefined for all others. */
export function usualTimeOf(value: unknown): number | undefined {
  const epochMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return !Number.isNaN(epochMs) && new Date(epochMs).toISOString() === value ? epochMs : undefined;
}
