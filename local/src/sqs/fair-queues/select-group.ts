/** One message group of a queue. Messages without a group are tenants of their own each, and never noisy. */
export interface GroupState {
  readonly group: string | undefined;
  /** Epoch milliseconds at which its next message was sent; undefined where none waits. */
  readonly nextSentAt: number | undefined;
  readonly lastSentAt: number;
  readonly inFlight: number;
  /** Time that consumers recently worked on its messages. */
  readonly processingMs: number;
}

interface QueueState {
  readonly groups: readonly GroupState[];
  /**
   * Switch of fairness: false hands messages out in the order of their sending, as a queue did before there
   * was fairness.
   */
  readonly isFair: boolean;
}

type NoiseReason = 'noisy_in_flight' | 'noisy_processing_time';

type Selection =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'selected';
      readonly group: string | undefined;
      readonly reason: 'oldest' | 'quiet' | NoiseReason;
    };

/**
 * Shares and counts of the SQS developer guide, "How Amazon SQS fair queues work", which calls them
 * approximate.
 */
const NOISY_SHARE = 0.1;
const NOISY_IN_FLIGHT = 30;
/** A tenant that sent nothing for this long is quiet again. */
export const QUIET_AFTER_MS = 300_000;

/**
 * Selects the group whose message is handed out next: the oldest of the quiet groups; among noisy ones, that
 * with the fewest messages in flight, then the least processing time, then the oldest.
 */
export function selectGroup({ groups, isFair }: QueueState, now: number): Selection {
  const waiting = groups.filter(({ nextSentAt }) => nextSentAt !== undefined);
  if (!isFair) return select(oldestOf(waiting), 'oldest');
  const totals = { inFlight: sum(groups, 'inFlight'), processingMs: sum(groups, 'processingMs') };

  const noises = new Map(waiting.map((each) => [each, findNoise(each, totals, now)]));
  const quiet = waiting.filter((each) => noises.get(each) === undefined);
  if (quiet.length > 0) return select(oldestOf(quiet), 'quiet');
  const [first] = waiting.toSorted(byBurden);
  return select(first, (first && noises.get(first)) ?? 'quiet');
}

/** Reason why a group is noisy; undefined for a quiet one. */
export function findNoise(
  { group, inFlight, processingMs, lastSentAt }: GroupState,
  totals: { readonly inFlight: number; readonly processingMs: number },
  now: number,
): NoiseReason | undefined {
  if (group === undefined || now - lastSentAt >= QUIET_AFTER_MS) return undefined;
  if (inFlight >= NOISY_IN_FLIGHT && inFlight > totals.inFlight * NOISY_SHARE) return 'noisy_in_flight';
  return processingMs > totals.processingMs * NOISY_SHARE ? 'noisy_processing_time' : undefined;
}

const select = (
  state: GroupState | undefined,
  reason: Extract<Selection, { kind: 'selected' }>['reason'],
): Selection => (state ? { kind: 'selected', group: state.group, reason } : { kind: 'none' });

const sentAt = ({ nextSentAt = Number.POSITIVE_INFINITY }: GroupState): number => nextSentAt;

const oldestOf = (groups: readonly GroupState[]): GroupState | undefined =>
  groups.reduce<GroupState | undefined>(
    (oldest, each) => (oldest && sentAt(oldest) <= sentAt(each) ? oldest : each),
    undefined,
  );

const byBurden = (one: GroupState, other: GroupState): number =>
  one.inFlight - other.inFlight || one.processingMs - other.processingMs || sentAt(one) - sentAt(other);

const sum = (groups: readonly GroupState[], key: 'inFlight' | 'processingMs'): number =>
  groups.reduce((total, each) => total + each[key], 0);
