import type { Fact } from '../../shared/domain/delivery-event.ts';
import type { EventLogReader, LogCursor } from '../../shared/domain/event-ports.ts';
import type { Message } from '../../shared/domain/message.ts';
import { createdAtEpochMsOf } from '../../shared/domain/message-bucket.ts';
import type { Clock, Messages } from '../../shared/domain/ports.ts';
import type { StoredChange } from '../../shared/domain/stored-change.ts';
import { createPublishEntries, type PublishEntriesDeps } from './publish-entries.ts';
import { createTellChanges, type TellChangesDeps } from './tell-changes.ts';

export interface RebuildLogDeps extends TellChangesDeps, PublishEntriesDeps {
  readonly messages: TellChangesDeps['messages'] & Pick<Messages, 'queryWindow' | 'getBatchState'>;
  readonly logReader: Pick<EventLogReader, 'seek' | 'read'>;
  readonly clock: Clock;
}

/** Messages accepted within a time, both ends included. */
export interface RebuildRequest {
  readonly tenant: string;
  readonly fromEpochMs: number;
  readonly untilEpochMs: number;
}

export interface RebuildAnswer {
  readonly messages: number;
  readonly eventsInLog: number;
  readonly eventsAdded: number;
  /** Where another request goes on: this one had no time for all of it. */
  readonly nextFromEpochMs?: number;
}

/** An event is logged some time after it happened, and SES's clock is not ours. */
const MARGIN_MS = 3_600_000;
const MAX_SEGMENTS = 100;
const ENOUGH_TO_END_MS = 15_000;
const MESSAGES_AT_ONCE = 100;

/**
 * Publishes what the log does not have of the messages of a time and their facts: for when their stream was lost. It can
 * be repeated, and run while `publish-events` does.
 */
export function createRebuildLog(deps: RebuildLogDeps) {
  const tellChanges = createTellChanges(deps);
  const publishEntries = createPublishEntries(deps);

  const rebuild = async (entries: readonly Entry[], known: Known): Promise<number> => {
    const changes: StoredChange[] = [];
    for (const entry of entries) changes.push(...(await changesOf(entry, deps)));
    const missing = (await tellChanges(changes)).filter(({ event }) => !known.ids.has(event.id));
    const logged = await publishEntries(missing, { passOn: 'new', lookFrom: known.end });
    return logged.filter(({ isNew }) => isNew).length;
  };

  return async (request: RebuildRequest, remainingMs: () => number): Promise<RebuildAnswer> => {
    const known = await readKnown(request, deps);
    const answer = { messages: 0, eventsInLog: known.ids.size, eventsAdded: 0 };
    for await (const entries of inStretches(deps.messages.queryWindow(request.tenant, windowOf(request)))) {
      const [first] = entries;
      if (first !== undefined && remainingMs() < ENOUGH_TO_END_MS) {
        return { ...answer, nextFromEpochMs: createdAtEpochMsOf(first.message.messageId) };
      }
      answer.eventsAdded += await rebuild(entries, known);
      answer.messages += entries.length;
    }
    return answer;
  };
}

interface Entry {
  readonly message: Message;
  readonly facts: readonly Fact[];
}

interface Known {
  readonly ids: ReadonlySet<string>;
  /** What is logged behind it was not looked at. */
  readonly end: LogCursor;
}

const windowOf = ({ fromEpochMs, untilEpochMs }: RebuildRequest) => ({
  fromEpochMs,
  toEpochMs: untilEpochMs,
});

/** Whatever is told of these messages was logged after they were accepted. */
async function readKnown(
  { tenant, fromEpochMs }: RebuildRequest,
  { logReader }: Pick<RebuildLogDeps, 'logReader'>,
): Promise<Known> {
  const ids = new Set<string>();
  let cursor = await logReader.seek(tenant, fromEpochMs - MARGIN_MS);
  for (let hasMore = true; hasMore; ) {
    const page = await logReader.read(tenant, cursor, { maxSegments: MAX_SEGMENTS });
    for (const { event } of page.events) ids.add(event.id);
    cursor = page.next;
    hasMore = page.hasMore;
  }
  return { ids, end: cursor };
}

async function* inStretches(entries: AsyncIterable<Entry>): AsyncGenerator<readonly Entry[]> {
  let stretch: Entry[] = [];
  for await (const entry of entries) {
    if (stretch.push(entry) < MESSAGES_AT_ONCE) continue;
    yield stretch;
    stretch = [];
  }
  yield stretch;
}

/** A message and its facts as the changes that have made them. */
async function changesOf(
  { message, facts }: Entry,
  { messages, clock }: Pick<RebuildLogDeps, 'messages' | 'clock'>,
): Promise<readonly StoredChange[]> {
  const { tenant, messageId } = message;
  const recordedAtEpochMs = clock.nowEpochMs();
  const isScheduled = message.scheduledAtEpochMs !== undefined && (await isKept(message, messages));
  return [
    ...(isScheduled
      ? [{ kind: 'batch-committed', tenant, messageIds: [messageId], recordedAtEpochMs } as const]
      : []),
    ...(message.status === 'scheduled'
      ? []
      : [{ kind: 'message', before: undefined, after: message, recordedAtEpochMs } as const]),
    ...facts.map((fact) => ({ kind: 'fact', tenant, fact, recordedAtEpochMs }) as const),
  ];
}

/** One that was claimed since belongs to a batch that was kept. */
async function isKept(
  { batchId, status }: Message,
  messages: Pick<Messages, 'getBatchState'>,
): Promise<boolean> {
  if (batchId === undefined || (status !== 'scheduled' && status !== 'canceled')) return true;
  return (await messages.getBatchState(batchId)) === 'committed';
}
