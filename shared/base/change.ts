/** Ports that pace, warm-up and guard ask of the outside world. */

/** Another worker was faster each time a change was tried. The next try may well succeed. */
export class ContendedError extends Error {
  override readonly name = 'ContendedError';
  readonly permanent = false;

  constructor(what: string) {
    super(`${what} changed each time it was to be written.`);
  }
}

/** Decision about a stored state: how it answers, and what is to be stored, if anything. */
export interface Change<State, Answer> {
  readonly answer: Answer;
  /** State to store; absent: nothing is written. */
  readonly state?: State;
}
