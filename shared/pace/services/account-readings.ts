import type { Clock, Log } from '../../base/ports.ts';
import type { AccountReading } from '../account-reading.ts';
import type { AccountReadings, SesAccount } from '../ports.ts';

interface FreshReadingsDeps {
  readonly stored: AccountReadings;
  readonly account: SesAccount;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
}

/** Age from which a reading is stale. `sweep` reads once a minute; after this it must be down. */
const STALE_AFTER_MS = 5 * 60_000;
const ASK_AGAIN_AFTER_MS = 60_000;

/**
 * Reads the stored reading; where there is none, or it was not renewed, SES is asked here, once a minute at
 * most: mail does not wait for a sweep.
 */
export function createFreshReadings(deps: FreshReadingsDeps): Pick<AccountReadings, 'latest'> {
  let asked:
    | { readonly atEpochMs: number; readonly reading: Promise<AccountReading | undefined> }
    | undefined;

  return {
    async latest() {
      const stored = await deps.stored.latest();
      const nowEpochMs = deps.clock.nowEpochMs();
      const isFresh = (atEpochMs: number, forMs: number) => Math.abs(nowEpochMs - atEpochMs) < forMs;
      if (stored !== undefined && isFresh(stored.readAtEpochMs, STALE_AFTER_MS)) return stored;
      if (asked === undefined || !isFresh(asked.atEpochMs, ASK_AGAIN_AFTER_MS))
        asked = { atEpochMs: nowEpochMs, reading: ask(deps) };
      return (await asked.reading) ?? stored;
    },
  };
}

async function ask({ stored, account, log }: FreshReadingsDeps): Promise<AccountReading | undefined> {
  try {
    const reading = await account.read();
    if (reading !== undefined) await stored.put(reading);
    return reading;
  } catch (error) {
    log.warn('account_not_read', { error });
    return undefined;
  }
}
