import type { BusEvent } from '../events/publisher.ts';
import { type SesTenant, statusOf } from './tenant.ts';

/**
 * `Sending Status Disabled` or `Enabled`, as SES publishes it to the default bus by itself, without any event
 * destination (SES guide, "Monitoring SES events using Amazon EventBridge").
 */
export function tenantStatusEvent(
  tenant: SesTenant,
  who: 'customer' | 'ses',
  { id, now, account, region }: { id: string; now: number; account: string; region: string },
): BusEvent {
  const isDisabled = statusOf(tenant) === 'DISABLED';
  const time = new Date(now).toISOString();
  return {
    ...{ version: '0', id, source: 'aws.ses', account, region },
    'detail-type': isDisabled ? 'Sending Status Disabled' : 'Sending Status Enabled',
    time: time.replace(/\.\d{3}Z$/, 'Z'),
    resources: [tenant.arn],
    detail: {
      version: '1.0.0',
      data: {
        origin: who === 'ses' ? 'AWS_SES' : 'CUSTOMER',
        record: {
          status: isDisabled ? 'DISABLED' : 'ENABLED',
          cause: who === 'ses' ? 'Reputation finding' : 'Customer request',
          lastUpdatedTimestamp: time,
        },
      },
    },
  };
}
