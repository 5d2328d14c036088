import type { Clock } from '../../base/ports.ts';
import { WINDOW_MS } from '../pace-state.ts';

interface WindowedMail {
  readonly stream: string;
  readonly recipients: number;
  /** Rate of the lease that its slot came from. */
  readonly perSecond: number;
}

export interface SendWindow {
  /** Runs `send` once SES cannot count it in a second that is full. */
  run<T>(mail: WindowedMail, send: () => Promise<T>): Promise<T>;
}

interface Sent {
  readonly recipients: number;
  answeredAtEpochMs: number | undefined;
}

/**
 * Room beyond the rate. Leases add up to 95 % of SES's rate at the most, so that this is below all of it; and
 * what an answer takes is not lost to the rate.
 */
const ROOM = 1.05;
const LOOK_AGAIN_MS = 10;

/**
 * Creates the window, one for each worker. Slots are evenly spaced, and what leaves at them may still arrive
 * in a heap: a process that stood still, a slow connection. SES counts a mail at some moment before it
 * answers, so that mails under way and those answered in the last second are all that a second of SES's can
 * hold.
 */
export function createSendWindow({
  clock,
  sleep,
}: {
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<unknown>;
}): SendWindow {
  const byStream = new Map<string, { readonly sent: Set<Sent>; perSecond: number }>();

  const enter = async ({ stream, recipients, perSecond }: WindowedMail): Promise<Sent> => {
    const ofStream = byStream.get(stream) ?? { sent: new Set<Sent>(), perSecond };
    byStream.set(stream, ofStream);
    // The latest lease counts for all that wait: a slot of a slower one must not starve among those of a faster.
    ofStream.perSecond = perSecond;
    const { sent } = ofStream;
    for (;;) {
      const nowEpochMs = clock.nowEpochMs();
      for (const each of sent) if (isOver(each, nowEpochMs)) sent.delete(each);
      const total = [...sent].reduce((sum, each) => sum + each.recipients, 0);
      if (total === 0 || total + recipients <= Math.floor(ofStream.perSecond * ROOM)) break;
      await sleep(LOOK_AGAIN_MS);
    }
    const own: Sent = { recipients, answeredAtEpochMs: undefined };
    sent.add(own);
    return own;
  };

  return {
    async run(mail, send) {
      const own = await enter(mail);
      try {
        return await send();
      } finally {
        own.answeredAtEpochMs = clock.nowEpochMs();
      }
    },
  };
}

/** Tells whether a mail is over: a clock that was set back must not keep one for ever. */
const isOver = ({ answeredAtEpochMs }: Sent, nowEpochMs: number): boolean =>
  answeredAtEpochMs !== undefined && Math.abs(nowEpochMs - answeredAtEpochMs) > WINDOW_MS;
