import { type LocalRoute, localReply } from '../../host/local-routes.ts';
import type { ReportingMeter } from './meter.ts';

/** `GET /_local/usage` reports the bill since the last reset, `DELETE` starts it anew. */
export const usageRoutes = (meter: Pick<ReportingMeter, 'report' | 'reset'>): LocalRoute[] => [
  { method: 'GET', path: '/_local/usage', handle: () => localReply(200, meter.report()) },
  {
    method: 'DELETE',
    path: '/_local/usage',
    handle: () => {
      meter.reset();
      return localReply(200, meter.report());
    },
  },
];
