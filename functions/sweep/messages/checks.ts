import { UNQUEUED_AFTER_SECONDS } from '../../../shared/messages/retry-schedule.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** An age at which every message is looked at once more. What is to be done then follows from its age and its state. */
export interface SweepCheck {
  /** Key of the check's cursor. */
  readonly name: string;
  readonly ageSeconds: number;
  /**
   * Time that must have gathered before the check runs: a look costs 32 queries, however few messages there
   * are.
   */
  readonly everySeconds: number;
}

/** Ages from which on a message that still has no end counts as unqueued, stuck, unended or lost. */
export const AGES = {
  /** Age of a message that was left unqueued. */
  unqueuedSeconds: UNQUEUED_AFTER_SECONDS,
  /**
   * Age of a stuck message. An unknown outcome waits 15 minutes at most for evidence, and a copy 15 minutes.
   */
  stuckSeconds: 30 * MINUTE,
  /** Age of a message without an end. Retries end after a day; five minutes more for the sending itself. */
  unendedSeconds: 24 * HOUR + 5 * MINUTE,
  /** … lost: what was to bring it to an end has not. Also a day after the last moment of sending. */
  lostSeconds: 48 * HOUR + 10 * MINUTE,
} as const;

/** Checks over every message, by the age since it was accepted. */
export const SWEEP_CHECKS: readonly SweepCheck[] = [
  { name: 'unqueued', ageSeconds: AGES.unqueuedSeconds, everySeconds: 0 },
  { name: 'stuck', ageSeconds: AGES.stuckSeconds, everySeconds: 5 * MINUTE },
  { name: 'unended', ageSeconds: AGES.unendedSeconds, everySeconds: 5 * MINUTE },
  { name: 'lost', ageSeconds: AGES.lostSeconds, everySeconds: 5 * MINUTE },
];

/**
 * Checks over messages that had a due row, by the age since their time. Their rows were put into the queues
 * by jobs that are repeated until they have done it, so that the first look can wait until a message counts
 * as stuck.
 */
export const DUE_CHECKS: readonly SweepCheck[] = [
  { name: 'due-stuck', ageSeconds: AGES.stuckSeconds, everySeconds: 5 * MINUTE },
  { name: 'due-unended', ageSeconds: AGES.unendedSeconds, everySeconds: 5 * MINUTE },
  { name: 'due-lost', ageSeconds: AGES.lostSeconds, everySeconds: 5 * MINUTE },
];
