import type { FauxqsServer } from 'fauxqs';
import { hiddenName, isHidden, readHiddenName } from './group-names.ts';
import type { WaitingGroup } from './plan-receive.ts';
import { createProcessingTime, type ProcessingTime } from './processing-time.ts';
import { QUIET_AFTER_MS } from './select-group.ts';

/** The hidden queues beside the template's: one for each message group that has, or lately had, messages. */
export interface GroupQueues {
  /** The group's own queue, made where there is none yet; it stays at least until `work` has ended. */
  use<T>(queue: string, group: string, work: (hiddenQueue: string) => Promise<T>): Promise<T>;
  groupsOf(queue: string): readonly string[];
  /** Makes the groups of a queue in its dead-letter queue too, where the template has that. */
  provideDeadLetters(queue: string): void;
  /** What each group could hand out by one receive, messages without a group first. */
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

/** Looking at every group costs; none is in a hurry to go. */
const REMOVAL_PAUSE_MS = 10_000;

/** What a queue of a group has in common with the one beside it. */
const SHARED_ATTRIBUTES = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'VisibilityTimeout',
  'RedrivePolicy',
];

/** `earlier` are the hidden queues of an earlier run; `queues` are the template's. */
export function createGroupQueues(
  server: FauxqsServer,
  queues: ReadonlySet<string>,
  earlier: readonly string[],
  now: number,
): GroupQueues {
  const known = new Map<string, Map<string, GroupQueue>>();
  const processing = new Map<string, ProcessingTime>();
  let removedAt = now;
  const groupsIn = (queue: string): Map<string, GroupQueue> => {
    const groups = known.get(queue) ?? new Map<string, GroupQueue>();
    known.set(queue, groups);
    return groups;
  };
  const processingOf = (queue: string): ProcessingTime => {
    const time = processing.get(queue) ?? createProcessingTime();
    processing.set(queue, time);
    return time;
  };
  for (const name of earlier.filter(isHidden)) {
    const { queue, group } = readHiddenName(name);
    groupsIn(queue).set(group, { lastSentAt: now, pending: 0 });
  }

  const provide = (queue: string, group: string): GroupQueue => {
    const found = groupsIn(queue).get(group);
    if (found) return found;
    const made = { lastSentAt: 0, pending: 0 };
    groupsIn(queue).set(group, made);
    const { attributes = {} } = server.inspectQueue(queue) ?? {};
    server.createQueue(hiddenName(queue, group), { attributes: forGroup(attributes, group, queues) });
    provideDeadLetter(queue, group);
    return made;
  };
  const provideDeadLetter = (queue: string, group: string): void => {
    const deadLetter = deadLetterQueueOf(server.inspectQueue(queue)?.attributes.RedrivePolicy);
    if (deadLetter !== undefined && queues.has(deadLetter)) provide(deadLetter, group);
  };

  /** A dead-letter queue's group stays while a queue before it has that group: messages still come from there. */
  const isFed = (deadLetter: string, group: string): boolean =>
    [...known].some(
      ([queue, groups]) =>
        groups.has(group) &&
        deadLetterQueueOf(server.inspectQueue(queue)?.attributes.RedrivePolicy) === deadLetter,
    );
  const isIdle = (queue: string, group: string, { lastSentAt, pending }: GroupQueue, at: number): boolean => {
    if (pending > 0 || at - lastSentAt < QUIET_AFTER_MS) return false;
    const {
      ready = [],
      delayed = [],
      inflight = [],
    } = server.inspectQueue(hiddenName(queue, group))?.messages ?? {};
    return ready.length + delayed.length + inflight.length === 0 && !isFed(queue, group);
  };

  return {
    processingOf,
    provideDeadLetters: (queue) => {
      for (const group of groupsIn(queue).keys()) provideDeadLetter(queue, group);
    },
    groupsOf: (queue) => [...(known.get(queue)?.keys() ?? [])],
    use: async (queue, group, work) => {
      const own = provide(queue, group);
      own.lastSentAt = Date.now();
      own.pending += 1;
      try {
        return await work(hiddenName(queue, group));
      } finally {
        own.pending -= 1;
      }
    },
    statesOf: (queue, at) => {
      const groups = [...(known.get(queue) ?? [])];
      const sources = [
        { group: undefined, lastSentAt: at },
        ...groups.map(([group, { lastSentAt }]) => ({ group, lastSentAt })),
      ];
      const seen = sources.map((source) => ({ ...source, ...look(server, queue, source.group, at) }));
      const time = processingOf(queue);
      time.endAllBut(new Set(seen.flatMap(({ handles }) => handles)), at);
      return seen.map(({ handles, ...state }) => ({
        ...state,
        inFlight: handles.length,
        processingMs: time.recent(state.group, at),
      }));
    },
    removeIdle: (at) => {
      if (at - removedAt < REMOVAL_PAUSE_MS) return;
      removedAt = at;
      for (const [queue, groups] of known)
        for (const [group, own] of groups) {
          if (!isIdle(queue, group, own, at)) continue;
          groups.delete(group);
          processingOf(queue).forget(group);
          server.deleteQueue(hiddenName(queue, group));
        }
    },
  };
}

/** One receive takes no more. */
const MAX_RECEIVE = 10;

/** The order is the emulator's: what waits, then what comes back by visibility, then what was delayed. */
function look(server: FauxqsServer, queue: string, group: string | undefined, now: number) {
  const {
    ready = [],
    delayed = [],
    inflight = [],
  } = server.inspectQueue(hiddenName(queue, group))?.messages ?? {};
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

interface RedrivePolicy {
  readonly deadLetterTargetArn?: string;
}

const readPolicy = (policy: string | undefined): RedrivePolicy => JSON.parse(policy || '{}') as RedrivePolicy;

const deadLetterQueueOf = (policy: string | undefined): string | undefined =>
  readPolicy(policy).deadLetterTargetArn?.split(':').at(-1);

/** The attributes of a group's queue, whose poison goes to the same group of the dead-letter queue. */
export function forGroup(
  attributes: Readonly<Record<string, string>>,
  group: string,
  queues: ReadonlySet<string>,
): Record<string, string> {
  const shared = Object.fromEntries(
    Object.entries(attributes).filter(([name]) => SHARED_ATTRIBUTES.includes(name)),
  );
  const { deadLetterTargetArn = '', ...policy } = readPolicy(shared.RedrivePolicy);
  if (!queues.has(deadLetterTargetArn.split(':').at(-1) ?? '')) return shared;
  const target = { ...policy, deadLetterTargetArn: hiddenName(deadLetterTargetArn, group) };
  return { ...shared, RedrivePolicy: JSON.stringify(target) };
}
