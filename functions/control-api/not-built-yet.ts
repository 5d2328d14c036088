import { notFound } from '../../shared/base/contract/errors.ts';
import type { Answer, ApiRoute } from './call.ts';

/** What the contract has and this server does not, by the first segment of the path. */
const FAMILIES = [
  'contacts',
  'contact-properties',
  'segments',
  'audiences',
  'topics',
  'broadcasts',
  'templates',
  'logs',
  'events',
  'automations',
  'inboxes',
  'oauth',
  'usage',
];

const notBuilt: Answer = async () => {
  throw notFound('This endpoint is not built yet.');
};

/** They say so, instead of looking like a typing error of the caller. */
export const notBuiltRoutes: readonly ApiRoute[] = [
  ...FAMILIES.map((family) => ({ method: '*', pattern: `/${family}/**`, handler: notBuilt })),
  { method: '*', pattern: '/domains/claim', handler: notBuilt },
  { method: '*', pattern: '/domains/{id}/claim/**', handler: notBuilt },
  { method: '*', pattern: '/emails/receiving/**', handler: notBuilt },
  { method: 'POST', pattern: '/emails/{id}/share', handler: notBuilt },
];
