import { createSendingDomains } from '../../../shared/domains/adapters/sending-domains.ts';
import { htmlToText } from '../../../shared/runtime/html-to-text.ts';
import { createAcceptMessage } from '../../../shared/submission/services/accept-message.ts';
import {
  createTenantLimits,
  createTenantUsage,
} from '../../../shared/tenants/adapters/tenant-usage-table.ts';
import { createTenantQuota } from '../../../shared/tenants/services/tenant-quota.ts';
import type { CommonDeps } from '../wire-common.ts';
import { sendRoutes } from './sends.ts';

export const wireSends = ({
  environment,
  client,
  catalog,
  clock,
  ids,
  log,
  authenticate,
  mail,
}: CommonDeps) =>
  sendRoutes({
    acceptMessage: createAcceptMessage({
      ...mail,
      authenticate,
      htmlToText,
      clock,
      ids,
      log,
      sendingDomains: createSendingDomains({ ...catalog, clock, configured: environment.sendingDomains }),
      quota: createTenantQuota({
        settings: environment.streams.tenants,
        limits: createTenantLimits(client, catalog.tableName),
        usage: createTenantUsage(client, catalog.tableName),
        clock,
      }),
    }),
  });
