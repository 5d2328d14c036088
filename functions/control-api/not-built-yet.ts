import { matchRoute, type Route } from './router.ts';

/** What the contract has and this server does not: first segments of paths. */
const FAMILIES = [
  'domains',
  'webhooks',
  'contacts',
  'contact-properties',
  'segments',
  'audiences',
  'topics',
  'broadcasts',
  'templates',
  'logs',
  'events',
  'event-log',
  'automations',
  'inboxes',
  'oauth',
  'streams',
  'usage',
];

const ROUTES: readonly Route<true>[] = [
  ...FAMILIES.map((family) => anyMethod(`/${family}/**`)),
  { method: 'GET', pattern: '/emails/metrics', handler: true },
  anyMethod('/emails/receiving/**'),
  { method: 'PATCH', pattern: '/emails/{id}', handler: true },
  { method: 'POST', pattern: '/emails/{id}/cancel', handler: true },
  { method: 'POST', pattern: '/emails/{id}/share', handler: true },
];

export const isNotBuiltYet = (method: string, path: string): boolean =>
  matchRoute(ROUTES, method, path).kind === 'found';

function anyMethod(pattern: string): Route<true> {
  return { method: '*', pattern, handler: true };
}
