import type { Clock } from '../../host/clock.ts';
import { createWindow } from '../../host/sliding-window.ts';
import { SesError } from '../error.ts';

const DAY_MS = 86_400_000;

export interface SendQuota {
  /** Recipients per second. */
  readonly maxSendRate: number;
  /** Recipients per 24 hours. */
  readonly max24HourSend: number;
  /** Counts recipients, or throws as SES does where the rate or the 24-hour quota is used up. */
  spend(recipients: number): void;
  sentLast24Hours(): number;
}

/**
 * Creates the quota. Over-quota sends are refused, never queued (SES quotas). A mail to several goes through
 * while there is room for one recipient, and what it takes too much is missing to the next ones (AWS
 * messaging blog, "How to handle a Throttling - Maximum sending rate exceeded error").
 */
export function createSendQuota(clock: Clock, maxSendRate: number, max24HourSend: number): SendQuota {
  const rate = createRate(maxSendRate);
  const day = createWindow(DAY_MS, 1000);

  return {
    maxSendRate,
    max24HourSend,
    sentLast24Hours: () => day.sum(clock.now()),
    spend: (recipients) => {
      const now = clock.now();
      if (day.sum(now) >= max24HourSend)
        throw new SesError('LimitExceededException', 'Daily message quota exceeded.');
      if (!rate.hasRoom(now))
        throw new SesError('TooManyRequestsException', 'Maximum sending rate exceeded.');
      day.add(now, recipients);
      rate.take(now, recipients);
    },
  };
}

/**
 * Creates the rate: no second with more than `perSecond` single mails, and no debt of a large one forgotten.
 */
function createRate(perSecond: number) {
  const second = createWindow(1000, 1);
  let room = perSecond;
  let readAt = 0;

  return {
    hasRoom: (now: number) => {
      room = Math.min(perSecond, room + ((now - readAt) / 1000) * perSecond);
      readAt = now;
      return room > 0 && second.sum(now) < perSecond;
    },
    take: (now: number, recipients: number) => {
      room -= recipients;
      second.add(now, recipients);
    },
  };
}
