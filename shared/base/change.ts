/** What pace, warm-up and guard ask of the outside world. */

/** Another worker was faster each time a change was tried. The next try may well succeed. */
export class ContendedError extends Error {
  override readonly name = 'ContendedError';
  readonly permanent = false;

  constructor(what: string) {
    super(`${what} changed each time it was to be written.`);
  }
}

/** What a decision about a stored state says: how it answers, and what is to be stored, if anything. */
export interface Change<State, Answer> {
  readonly answer: Answer;
  /** Absent: nothing is written. */
  readonly state?: State;
}
