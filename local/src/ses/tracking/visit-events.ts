import { type SesEvent, toTimestamp } from '../events/mail-events.ts';
import type { TrackedLink } from './html.ts';

/** Caller that asked for a tracked image or link. */
export interface Visitor {
  readonly ipAddress: string;
  readonly userAgent: string;
}

export const openEvent = (visitor: Visitor, now: number): SesEvent => ({
  eventType: 'Open',
  body: { open: visit(visitor, now) },
});

export const clickEvent = ({ link, linkTags }: TrackedLink, visitor: Visitor, now: number): SesEvent => ({
  eventType: 'Click',
  body: { click: { ...visit(visitor, now), link, linkTags: linkTags ?? null } },
});

/**
 * Object of a visit. `isBotEvent` is there since August 2026; how SES tells is not documented, so this goes
 * by what says its name.
 */
const visit = ({ ipAddress, userAgent }: Visitor, now: number) => ({
  ipAddress,
  timestamp: toTimestamp(now),
  userAgent,
  ...(MACHINE.test(userAgent) && { isBotEvent: 'Likely' }),
});

const MACHINE = /ImageProxy|MailProxy|bot\b|crawler|spider|scanner/i;
