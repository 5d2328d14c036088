import { GetAccountCommand, type SESv2ClientConfig } from '@aws-sdk/client-sesv2';
import { createSesControlClient } from '../../base/adapters/ses-control-client.ts';
import type { Clock } from '../../base/ports.ts';
import type { SesAccount } from '../ports.ts';

/**
 * Reads what SES says about the account (API reference, `GetAccount`); about one such call a second is free
 * to the whole account.
 */
export function createSesAccount(clock: Clock, config: SESv2ClientConfig = {}): SesAccount {
  const client = createSesControlClient(config);
  return {
    async read() {
      const { SendQuota, DedicatedIpAutoWarmupEnabled } = await client.send(new GetAccountCommand({}));
      const { MaxSendRate, Max24HourSend, SentLast24Hours } = SendQuota ?? {};
      if (MaxSendRate === undefined || Max24HourSend === undefined) return undefined;
      return {
        maxSendRate: MaxSendRate,
        max24HourSend: Max24HourSend,
        sentLast24Hours: SentLast24Hours ?? 0,
        readAtEpochMs: clock.nowEpochMs(),
        isAutoWarmUpOn: DedicatedIpAutoWarmupEnabled === true,
      };
    },
  };
}
