import type { Clock } from '../../shared/base/ports.ts';
import type { Fact } from '../../shared/messages/delivery-event.ts';
import type { Message } from '../../shared/messages/message.ts';
import { createdAtEpochMsOf } from '../../shared/messages/message-bucket.ts';
import type { MessageChange } from '../../shared/messages/message-change.ts';
import type { Messages } from '../../shared/messages/ports.ts';
import type { EventSource } from '../../shared/outbox/event-source.ts';
import {
  createPublishEntries,
  type PublishEntriesDeps,
} from '../../shared/outbox/services/publish-entries.ts';

interface RebuildLogDeps extends PublishEntriesDeps {
  readonly messages: Pick<Messages, 'queryWindow' | 'getBatchState'>;
  readonly source: Pick<EventSource<MessageChange>, 'eventsOf'>;
  readonly clock: Clock;
}

/** Messages accepted within a time, both ends included. */
export interface RebuildRequest {
  readonly tenant: string;
  readonly fromEpochMs: number;
  readonly untilEpochMs: number;
  /** `all`: webhooks and bus get what the log had as well, since the process that put it there may have got no further. */
  readonly passOn: 'new' | 'all';
}

export interface RebuildAnswer {
  readonly messages: number;
  /** What the log had. */
  readonly eventsKnown: number;
  readonly eventsAdded: number;
  /** Where another request goes on: this one had no time for all of it. */
  readonly nextFromEpochMs?: number;
}

/** Clocks differ, by less. */
const MARGIN_MS = 60_000;
const ENOUGH_TO_END_MS = 15_000;
const MESSAGES_AT_ONCE = 100;

/**
 * Publishes what the log does not have of the messages of a time and their facts: for when their stream was lost. It can
 * be repeated, and run while `publish-events` does.
 */
export function createRebuildLog(deps: RebuildLogDeps) {
  const publishEntries = createPublishEntries(deps);

  const rebuild = async (
    entries: readonly Entry[],
    notBeforeEpochMs: number,
    passOn: RebuildRequest['passOn'],
  ) => {
    // Ahead of the table's clock for sure: the stream may still bring what is added here, and has to find it.
    const recordedAtEpochMs = deps.clock.nowEpochMs() + MARGIN_MS;
    const changes: MessageChange[] = [];
    for (const entry of entries) changes.push(...(await changesOf(entry, deps.messages)));
    const storedAtEpochMs = deps.clock.nowEpochMs();
    const events = await deps.source.eventsOf(
      changes.map((change) => ({ change, recordedAtEpochMs: storedAtEpochMs })),
    );
    const rebuilt = events.flat().map((event) => ({ event, notBeforeEpochMs, recordedAtEpochMs }));
    const logged = await publishEntries(rebuilt, { passOn });
    const added = logged.filter(({ isNew }) => isNew).length;
    return { added, known: logged.length - added };
  };

  return async (request: RebuildRequest, remainingMs: () => number): Promise<RebuildAnswer> => {
    const { tenant, fromEpochMs, untilEpochMs, passOn } = request;
    const answer = { messages: 0, eventsKnown: 0, eventsAdded: 0 };
    const all = deps.messages.queryWindow(tenant, { fromEpochMs, toEpochMs: untilEpochMs });
    for await (const entries of inStretches(all)) {
      const [first] = entries;
      if (first === undefined) break;
      const acceptedAtEpochMs = createdAtEpochMsOf(first.message.messageId);
      if (remainingMs() < ENOUGH_TO_END_MS) return { ...answer, nextFromEpochMs: acceptedAtEpochMs };
      // Nothing is stored of a message before it is accepted, and they come in the order in which they were.
      const { added, known } = await rebuild(entries, acceptedAtEpochMs - MARGIN_MS, passOn);
      answer.messages += entries.length;
      answer.eventsAdded += added;
      answer.eventsKnown += known;
    }
    return answer;
  };
}

interface Entry {
  readonly message: Message;
  readonly facts: readonly Fact[];
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
  messages: Pick<Messages, 'getBatchState'>,
): Promise<readonly MessageChange[]> {
  const { tenant, messageId } = message;
  const isScheduled = message.scheduledAtEpochMs !== undefined && (await isKept(message, messages));
  return [
    ...(isScheduled ? [{ kind: 'batch-committed', tenant, messageIds: [messageId] } as const] : []),
    ...(message.status === 'scheduled'
      ? []
      : [{ kind: 'message', before: undefined, after: message } as const]),
    ...facts.map((fact) => ({ kind: 'fact', tenant, fact }) as const),
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
