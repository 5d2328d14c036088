import { type LocalRoute, localReply } from '../host/local-routes.ts';
import type { SesBackend } from './backend.ts';
import type { DedicatedIps } from './dedicated-ips/dedicated-ips.ts';
import { SesError } from './error.ts';
import { isSendingStatus } from './tenants/tenant.ts';
import { trackRoutes } from './tracking/routes.ts';

/**
 * Routes for what an account holder does outside the API, and for what tests count. `GET /_local/ses`: quota
 * and refused mail by exception. `/_local/dedicated-ips`: `POST {pool, ip}` leases an address into a standard
 * pool, `GET` lists them, `DELETE /_local/dedicated-ips/{ip}` gives one back. `POST /_local/tenants/{name}
 * {sendingStatus}` disables, enables or reinstates a tenant as SES does for its reputation, event included.
 */
export const sesRoutes = ({
  quota,
  refusals,
  dedicatedIps,
  tenants,
  tracker,
}: Pick<SesBackend, 'quota' | 'refusals' | 'dedicatedIps' | 'tenants' | 'tracker'>): LocalRoute[] => [
  {
    method: 'GET',
    path: '/_local/ses',
    handle: () =>
      localReply(200, {
        maxSendRate: quota.maxSendRate,
        max24HourSend: quota.max24HourSend,
        sentLast24Hours: quota.sentLast24Hours(),
        refused: refusals.counts(),
      }),
  },
  ...dedicatedIpRoutes(dedicatedIps),
  ...trackRoutes(tracker),
  {
    method: 'POST',
    path: '/_local/tenants/{name}',
    handle: ({ params, body }) =>
      replied(() => {
        const { sendingStatus } = readFields(body);
        if (!isSendingStatus(sendingStatus))
          throw new SesError(
            'BadRequestException',
            'sendingStatus must be one of ENABLED, DISABLED, REINSTATED',
          );
        return tenants.setStatus(params.name ?? '', 'ses', sendingStatus);
      }),
  },
];

const dedicatedIpRoutes = (dedicatedIps: DedicatedIps): LocalRoute[] => {
  const path = '/_local/dedicated-ips';
  return [
    { method: 'GET', path, handle: () => localReply(200, dedicatedIps.ips()) },
    {
      method: 'POST',
      path,
      handle: ({ body }) =>
        replied(() => {
          const { pool, ip } = readFields(body);
          return dedicatedIps.lease(String(pool ?? ''), String(ip ?? ''));
        }),
    },
    {
      method: 'DELETE',
      path: `${path}/{ip}`,
      handle: ({ params }) =>
        replied(() => {
          dedicatedIps.release(params.ip ?? '');
          return dedicatedIps.ips();
        }),
    },
  ];
};

function readFields(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  } catch (cause) {
    throw new SesError('BadRequestException', 'The body must be a JSON object', { cause });
  }
}

function replied(act: () => unknown) {
  try {
    return localReply(200, act());
  } catch (error) {
    if (!(error instanceof SesError)) throw error;
    return localReply(error.status, { message: error.message });
  }
}
