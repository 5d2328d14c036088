import { ContendedError } from '../../base/change.ts';
import type { Clock, Ids } from '../../base/ports.ts';
import type { PublishedEvent } from '../../events/published-event.ts';
import { encodeBlock } from '../contract/event-block-codec.ts';
import { cutBlock, fingerprintOf, partitionOf } from '../event-block.ts';
import { findInSpan, type LogSpan, type Place, withNewer } from '../log-span.ts';
import type { EventLog, LogEntry, LoggedEvent } from '../ports.ts';
import { createLogEnds, type LogEnds } from './event-log-ends.ts';
import { createLogEras } from './event-log-eras.ts';
import {
  type BlockRow,
  type BlockRows,
  createBlockRows,
  type EventsTableOptions,
  traceOf,
} from './event-log-rows.ts';

interface EventLogOptions extends EventsTableOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** A random number from 0 to 1. */
  readonly jitter: () => number;
}

/** Error of an event that no item can hold; none ever will. */
export class EventTooLargeError extends Error {
  override readonly name = 'EventTooLargeError';
  readonly permanent = true;
}

const MOST_REFUSALS = 15;
const FIRST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 160;

/**
 * Time that a log counts as contended. A refused write is billed like one that is done; a look at the end
 * costs a tenth of it.
 */
const CONTENDED_MS = 60_000;

/** Digits of an id: chance enough to tell the writes of one number apart. */
const PUT_ID_DIGITS = 12;

/** DynamoDB's 400 KB, less the other attributes. */
const MOST_BODY_BYTES = 399_000;

/**
 * The log in the events table: a block is put where its number is free, and a writer that loses the race takes the winner's
 * in and puts the next. One for each process: what it has appended itself it need not read.
 */
export function createEventLog(options: EventLogOptions): EventLog {
  const rows = createBlockRows(options);
  const ends = createLogEnds({ rows, firstNumberOf: createLogEras(options), clock: options.clock });

  return {
    async append(tenant, entries) {
      if (entries.some(({ event }) => event.tenant !== tenant))
        throw new TypeError('Events of another tenant.');
      return entries.length === 0 ? [] : appendTo(tenant, entries, { ...options, rows, ends });
    },
  };
}

interface Writer extends EventLogOptions {
  readonly rows: BlockRows;
  readonly ends: LogEnds;
}

/** Events that are to be in the log, each once. */
interface Offer {
  readonly entries: ReadonlyMap<string, LogEntry>;
  /** Time before which nothing of it was stored. */
  readonly sinceEpochMs: number;
  readonly newestRecordAtEpochMs: number;
}

async function appendTo(tenant: string, entries: readonly LogEntry[], writer: Writer) {
  const { ends, sleep, jitter } = writer;
  const offer = offerOf(entries);
  const appended = new Set<string>();
  let span = await ends.reach(tenant, offer.sinceEpochMs);

  for (let refusals = 0; refusals < MOST_REFUSALS; refusals++) {
    span = await catchUpIfContended(tenant, span, offer, writer);
    span = await appendUntilRefused(tenant, span, { offer, appended }, writer);
    ends.remember(tenant, span);
    const places = placesOf(offer, span);
    if (places.size === offer.entries.size) return answersOf(entries, places, appended);
    await sleep(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** refusals) * jitter());
  }
  throw new ContendedError(`The event log of ${tenant}`);
}

/** No other writer comes between two writes of one, or the second is refused. */
async function appendUntilRefused(
  tenant: string,
  from: LogSpan,
  { offer, appended }: { readonly offer: Offer; readonly appended: Set<string> },
  writer: Writer,
): Promise<LogSpan> {
  let span = from;
  for (;;) {
    const places = placesOf(offer, span);
    const missing = [...offer.entries].filter(([fingerprint]) => !places.has(fingerprint));
    if (missing.length === 0) return span;
    const chunk = cutBlock(missing, ([, { event }]) => Buffer.byteLength(JSON.stringify(event)));
    const events = chunk.map(([, { event }]) => event);
    const row = nextRow(span, events, offer, writer);
    const winner = await writer.rows.putIfAbsent(tenant, row);
    span = withNewer(span, traceOf(winner ?? row));
    if (winner !== undefined)
      return { ...span, contendedUntilEpochMs: writer.clock.nowEpochMs() + CONTENDED_MS };
    for (const [fingerprint] of chunk) appended.add(fingerprint);
  }
}

async function catchUpIfContended(tenant: string, span: LogSpan, offer: Offer, { ends, clock }: Writer) {
  const isContended = (span.contendedUntilEpochMs ?? 0) > clock.nowEpochMs();
  return isContended ? ends.catchUp(tenant, span, offer.sinceEpochMs) : span;
}

function offerOf(entries: readonly LogEntry[]): Offer {
  const times = entries.map(
    ({ recordedAtEpochMs, notBeforeEpochMs }) => notBeforeEpochMs ?? recordedAtEpochMs,
  );
  return {
    entries: new Map(entries.map((entry) => [fingerprintOf(entry.event.id), entry])),
    sinceEpochMs: Math.min(...times),
    newestRecordAtEpochMs: Math.max(...entries.map(({ recordedAtEpochMs }) => recordedAtEpochMs)),
  };
}

const placesOf = ({ entries, sinceEpochMs }: Offer, span: LogSpan): ReadonlyMap<string, Place> =>
  findInSpan(span, [...entries.keys()], sinceEpochMs);

function nextRow(
  { next, traces }: LogSpan,
  events: readonly PublishedEvent[],
  { newestRecordAtEpochMs }: Offer,
  { clock, ids }: Writer,
): BlockRow {
  const last = traces.at(-1);
  const body = encodeBlock(events);
  if (body.length > MOST_BODY_BYTES) throw new EventTooLargeError('An event is larger than an item.');
  return {
    number: next,
    atEpochMs: Math.max(clock.nowEpochMs(), last?.atEpochMs ?? 0),
    newestRecordAtEpochMs: Math.max(newestRecordAtEpochMs, last?.newestRecordAtEpochMs ?? 0),
    count: events.length,
    body,
    putId: ids.next().slice(-PUT_ID_DIGITS),
  };
}

/** Answers for each entry. The second of the same event in one call is not new any more. */
function answersOf(
  entries: readonly LogEntry[],
  places: ReadonlyMap<string, Place>,
  appended: ReadonlySet<string>,
): readonly LoggedEvent[] {
  const isNew = new Set(appended);
  return entries.map(({ event }) => {
    const fingerprint = fingerprintOf(event.id);
    const { block, index } = places.get(fingerprint) as Place;
    return {
      event,
      position: { partition: partitionOf(block), block, index },
      isNew: isNew.delete(fingerprint),
    };
  });
}
