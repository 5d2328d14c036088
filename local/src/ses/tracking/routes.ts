import { type LocalCaller, type LocalRoute, localReply } from '../../host/local-routes.ts';
import { CLICK_PATH, OPEN_PATH } from './paths.ts';
import type { Tracker } from './tracker.ts';
import type { Visitor } from './visit-events.ts';

/** Transparent image, one pixel by one. */
const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const NOT_CACHED = { 'cache-control': 'no-store, no-cache, max-age=0' };

/**
 * Routes that tracked mail leads to: `GET /_local/track/open/{id}` answers an image,
 * `/_local/track/click/{id}/{index}` the link.
 */
export const trackRoutes = (tracker: Tracker): LocalRoute[] => [
  {
    method: 'GET',
    path: `${OPEN_PATH}/{id}`,
    handle: ({ params }, caller) => {
      if (!tracker.open(params.id ?? '', visitorOf(caller))) return unknownMail();
      return { status: 200, headers: { 'content-type': 'image/gif', ...NOT_CACHED }, body: GIF };
    },
  },
  {
    method: 'GET',
    path: `${CLICK_PATH}/{id}/{index}`,
    handle: ({ params: { id = '', index } }, caller) => {
      const link = tracker.click(id, Number(index), visitorOf(caller));
      if (link === undefined) return unknownMail();
      return { status: 302, headers: { location: new URL(link).href, ...NOT_CACHED }, body: Buffer.alloc(0) };
    },
  },
];

const visitorOf = (caller: LocalCaller | undefined): Visitor => ({
  ipAddress: caller?.sourceIp ?? '',
  userAgent: caller?.headers['user-agent']?.[0] ?? '',
});

const unknownMail = () => localReply(404, { message: 'No mail of this run has this link' });
