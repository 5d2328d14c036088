/**
 * Makes `Date` of this thread read `offsetCell` on top of the real time. Emulators, SDKs and functions all take
 * their time from `Date`, so one shared cell moves them together; timers keep real time.
 */
export function installClock(offsetCell: SharedArrayBuffer): void {
  const offset = new BigInt64Array(offsetCell);
  const RealDate = globalThis.Date;
  const now = () => RealDate.now() + Number(Atomics.load(offset, 0));

  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: (target) => new target(now()).toString(),
    get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  });
}

/** Creates the clock of one local cloud; `installClock` makes a thread obey it. */
export function createClock(): Clock {
  const offsetCell = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  const offset = new BigInt64Array(offsetCell);
  const listeners: (() => void)[] = [];
  const realNow = Date.now.bind(Date);

  return {
    offsetCell,
    now: () => realNow() + Number(Atomics.load(offset, 0)),
    advance: (seconds) => {
      Atomics.add(offset, 0, BigInt(Math.round(seconds * 1000)));
      for (const listener of listeners) listener();
    },
    onAdvance: (listener) => void listeners.push(listener),
  };
}

/** A clock that every part reads; `advance` moves it for the host, the emulators and all workers at once. */
export interface Clock {
  /** Epoch milliseconds, offset included. */
  now(): number;
  advance(seconds: number): void;
  /** Registers a listener for each advance, so that schedules, TTL and pollers can catch up at once. */
  onAdvance(listener: () => void): void;
  /** A BigInt64Array cell with the offset in milliseconds, shared with worker threads. */
  readonly offsetCell: SharedArrayBuffer;
}
