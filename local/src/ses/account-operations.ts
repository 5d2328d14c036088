import type { DedicatedIps } from './dedicated-ips/dedicated-ips.ts';
import { jsonResponse } from './error.ts';
import type { SesOperations } from './operation.ts';
import type { SendQuota } from './sending/quota.ts';

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
