import type { Clock } from '../ports.ts';
import { SesError } from './ses-error.ts';

const DAY_MS = 86_400_000;

export interface SendQuota {
  /** Counts recipients, or throws as SES does when they would pass the rate or the 24-hour quota. */
  spend(recipients: number): void;
  sentLast24Hours(): number;
}

/** `ratePerSecond` and `dailyQuota` count recipients; over-quota sends are refused, never queued (SES quotas). */
export function createSendQuota(clock: Clock, ratePerSecond: number, dailyQuota: number): SendQuota {
  const second = createWindow(1000, 1);
  const day = createWindow(DAY_MS, 1000);

  return {
    sentLast24Hours: () => day.sum(clock.now()),
    spend: (recipients) => {
      const now = clock.now();
      if (day.sum(now) + recipients > dailyQuota)
        throw new SesError('LimitExceededException', 'Daily message quota exceeded.');
      if (second.sum(now) + recipients > ratePerSecond)
        throw new SesError('TooManyRequestsException', 'Maximum sending rate exceeded.');
      day.add(now, recipients);
      second.add(now, recipients);
    },
  };
}

/** A sliding window; entries closer than `grainMs` are merged, so a day never holds more than 86,400. */
function createWindow(lengthMs: number, grainMs: number) {
  let entries: { at: number; count: number }[] = [];
  let total = 0;

  const expire = (now: number) => {
    const firstAlive = entries.findIndex(({ at }) => at > now - lengthMs);
    const expired = firstAlive < 0 ? entries.length : firstAlive;
    if (expired === 0) return;
    for (const entry of entries.slice(0, expired)) total -= entry.count;
    entries = entries.slice(expired);
  };

  return {
    sum: (now: number) => {
      expire(now);
      return total;
    },
    add: (now: number, count: number) => {
      total += count;
      const last = entries.at(-1);
      if (last && now - last.at < grainMs) last.count += count;
      else entries.push({ at: now, count });
    },
  };
}
