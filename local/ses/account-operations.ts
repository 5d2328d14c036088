import type { DedicatedIps } from './dedicated-ips.ts';
import type { SesOperations } from './operation.ts';
import type { SendQuota } from './send-quota.ts';
import { jsonResponse } from './ses-error.ts';

/** The account as SESv2 answers for it: healthy, with production access. */
export const accountOperations = (quota: SendQuota, dedicatedIps: DedicatedIps): SesOperations => ({
  GetAccount: () =>
    jsonResponse(200, {
      DedicatedIpAutoWarmupEnabled: dedicatedIps.isAutoWarmup(),
      EnforcementStatus: 'HEALTHY',
      ProductionAccessEnabled: true,
      SendingEnabled: true,
      SendQuota: {
        Max24HourSend: quota.max24HourSend,
        MaxSendRate: quota.maxSendRate,
        SentLast24Hours: quota.sentLast24Hours(),
      },
      SuppressionAttributes: { SuppressedReasons: [] },
    }),
});
