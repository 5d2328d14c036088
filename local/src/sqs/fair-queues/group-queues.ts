import type { FauxqsServer } from 'fauxqs';
import { hiddenName, isHidden, readHiddenName } from './group-names.ts';
import type { WaitingGroup } from './plan-receive.ts';
import { createProcessingTime, type ProcessingTime } from './processing-time.ts';
import { deadLetterQueueOf, forGroup } from './queue-attributes.ts';
import { QUIET_AFTER_MS } from './select-group.ts';

/** The hidden queues beside the template's: one for each message group that has, or lately had, messages. */
export interface GroupQueues {
  /** The group's own queue, made where there is none yet; it stays at least until `work` has ended. */
  use<T>(queue: string, group: string, work: (hiddenQueue: string) => Promise<T>): Promise<T>;
  groupsOf(queue: string): readonly string[];
  /** Makes the groups of a queue in its dead-letter queue too, where the template has that. */
  provideDeadLetters(queue: string): void;
  /** Messages that each group could hand out by one receive, those without a group first. */
  statesOf(queue: string, now: number): readonly WaitingGroup[];
  processingOf(queue: string): ProcessingTime;
  /** Removes queues that have been empty for as long as a group counts as noisy. */
  removeIdle(now: number): void;
}

interface GroupQueue {
  lastSentAt: number;
  /** Sends that are on their way to it. */
  pending: number;
}

/** Pause between removals. Looking at every group costs, and none is in a hurry to go. */
const REMOVAL_PAUSE_MS = 10_000;

/** Queues beside the template's, by queue and group. */
interface Hidden {
  readonly server: FauxqsServer;
  readonly queues: ReadonlySet<string>;
  readonly known: Map<string, Map<string, GroupQueue>>;
  readonly processing: Map<string, ProcessingTime>;
}

/** Creates the hidden queues: `earlier` are those of an earlier run; `queues` are the template's. */
export function createGroupQueues(
  server: FauxqsServer,
  queues: ReadonlySet<string>,
  earlier: readonly string[],
  now: number,
): GroupQueues {
  const hidden: Hidden = { server, queues, known: new Map(), processing: new Map() };
  let removedAt = now;
  for (const name of earlier.filter(isHidden)) {
    const { queue, group } = readHiddenName(name);
    groupsIn(hidden, queue).set(group, { lastSentAt: now, pending: 0 });
  }

  return {
    use: async (queue, group, work) =>
      useGroup(provide(hidden, queue, group), () => work(hiddenName(queue, group))),
    groupsOf: (queue) => [...(hidden.known.get(queue)?.keys() ?? [])],
    provideDeadLetters: (queue) => {
      for (const group of groupsIn(hidden, queue).keys()) provideDeadLetter(hidden, queue, group);
    },
    statesOf: (queue, at) => statesOf(hidden, queue, at),
    processingOf: (queue) => processingOf(hidden, queue),
    removeIdle: (at) => {
      if (at - removedAt < REMOVAL_PAUSE_MS) return;
      removedAt = at;
      removeIdle(hidden, at);
    },
  };
}

const groupsIn = ({ known }: Hidden, queue: string): Map<string, GroupQueue> =>
  obtain(known, queue, () => new Map());

const processingOf = ({ processing }: Hidden, queue: string): ProcessingTime =>
  obtain(processing, queue, createProcessingTime);

function obtain<Value>(map: Map<string, Value>, key: string, create: () => Value): Value {
  const value = map.get(key) ?? create();
  map.set(key, value);
  return value;
}

async function useGroup<T>(own: GroupQueue, work: () => Promise<T>): Promise<T> {
  own.lastSentAt = Date.now();
  own.pending += 1;
  try {
    return await work();
  } finally {
    own.pending -= 1;
  }
}

function provide(hidden: Hidden, queue: string, group: string): GroupQueue {
  const found = groupsIn(hidden, queue).get(group);
  if (found) return found;
  const made = { lastSentAt: 0, pending: 0 };
  groupsIn(hidden, queue).set(group, made);
  const { attributes = {} } = hidden.server.inspectQueue(queue) ?? {};
  const own = forGroup(attributes, group, hidden.queues);
  hidden.server.createQueue(hiddenName(queue, group), { attributes: own });
  provideDeadLetter(hidden, queue, group);
  return made;
}

function provideDeadLetter(hidden: Hidden, queue: string, group: string): void {
  const deadLetter = deadLetterOf(hidden, queue);
  if (deadLetter !== undefined && hidden.queues.has(deadLetter)) provide(hidden, deadLetter, group);
}

const deadLetterOf = ({ server }: Hidden, queue: string): string | undefined =>
  deadLetterQueueOf(server.inspectQueue(queue)?.attributes.RedrivePolicy);

function removeIdle(hidden: Hidden, at: number): void {
  for (const [queue, groups] of hidden.known)
    for (const [group, own] of groups) {
      if (!isIdle(hidden, queue, group, own, at)) continue;
      groups.delete(group);
      processingOf(hidden, queue).forget(group);
      hidden.server.deleteQueue(hiddenName(queue, group));
    }
}

function isIdle(hidden: Hidden, queue: string, group: string, own: GroupQueue, at: number): boolean {
  if (own.pending > 0 || at - own.lastSentAt < QUIET_AFTER_MS) return false;
  const { ready, delayed, inflight } = messagesIn(hidden, queue, group);
  return ready.length + delayed.length + inflight.length === 0 && !isFed(hidden, queue, group);
}

/** A dead-letter queue's group stays while a queue before it has that group: messages still come from there. */
const isFed = (hidden: Hidden, deadLetter: string, group: string): boolean =>
  [...hidden.known].some(
    ([queue, groups]) => groups.has(group) && deadLetterOf(hidden, queue) === deadLetter,
  );

function statesOf(hidden: Hidden, queue: string, at: number): readonly WaitingGroup[] {
  const groups = [...(hidden.known.get(queue) ?? [])];
  const sources = [
    { group: undefined, lastSentAt: at },
    ...groups.map(([group, { lastSentAt }]) => ({ group, lastSentAt })),
  ];
  const seen = sources.map((source) => ({ ...source, ...look(hidden, queue, source.group, at) }));
  const time = processingOf(hidden, queue);
  time.endAllBut(new Set(seen.flatMap(({ handles }) => handles)), at);
  return seen.map(({ handles, ...state }) => ({
    ...state,
    inFlight: handles.length,
    processingMs: time.recent(state.group, at),
  }));
}

/** Number of messages that one receive takes at most. */
const MAX_RECEIVE = 10;

/**
 * Looks at a queue. The order is the emulator's: what waits, then what comes back by visibility, then what
 * was delayed.
 */
function look(hidden: Hidden, queue: string, group: string | undefined, now: number) {
  const { ready, delayed, inflight } = messagesIn(hidden, queue, group);
  const isBack = ({ visibilityDeadline }: { visibilityDeadline: number }) => visibilityDeadline <= now;
  const later = () => [
    ...inflight.filter(isBack).map(({ message }) => message),
    ...delayed.filter(({ delayUntil = 0 }) => delayUntil <= now),
  ];
  const next = ready.length < MAX_RECEIVE ? [...ready, ...later()] : ready;
  return {
    sentAts: next.slice(0, MAX_RECEIVE).map(({ sentTimestamp }) => sentTimestamp),
    handles: inflight.filter((each) => !isBack(each)).map(({ receiptHandle }) => receiptHandle),
  };
}

function messagesIn({ server }: Hidden, queue: string, group: string | undefined) {
  const messages = server.inspectQueue(hiddenName(queue, group))?.messages;
  const { ready = [], delayed = [], inflight = [] } = messages ?? {};
  return { ready, delayed, inflight };
}
