import type { Log } from '../../../shared/base/ports.ts';
import type { AccountReadings, SesAccount } from '../../../shared/pace/ports.ts';

interface ReadAccountDeps {
  readonly account: SesAccount;
  readonly readings: Pick<AccountReadings, 'put'>;
  readonly log: Pick<Log, 'error'>;
}

/** Keeps what SES says of its rate and quota, for all senders. What fails is tried again in a minute; nothing waits for it. */
export function createReadAccount({ account, readings, log }: ReadAccountDeps): () => Promise<void> {
  return async () => {
    try {
      const reading = await account.read();
      if (reading !== undefined) await readings.put(reading);
    } catch (error) {
      log.error('account_not_read', { error });
    }
  };
}
