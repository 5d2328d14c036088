import type { Clock } from '../../host/clock.ts';
import type { SesEvent } from '../events/mail-events.ts';
import type { EventPublisher } from '../events/publisher.ts';
import type { AcceptedMail } from '../sending/accepted-mail.ts';
import type { TrackingUrls } from './html.ts';
import { CLICK_PATH, OPEN_PATH } from './paths.ts';
import { clickEvent, openEvent, type Visitor } from './visit-events.ts';

export interface Tracker {
  /** Remembers what was put into a mail; the oldest are forgotten, as the sink forgets them. */
  keep(mail: AcceptedMail): void;
  /** Notes that a mail was opened; false where there is no such mail. */
  open(sesMessageId: string, visitor: Visitor): boolean;
  /**
   * Notes that a link was followed; answers where it leads, undefined where there is no such mail or link.
   */
  click(sesMessageId: string, index: number, visitor: Visitor): string | undefined;
}

type MarkedMail = Pick<AcceptedMail, 'acceptedAt' | 'configurationSet' | 'eventMail' | 'marks'>;

const KEPT_MAILS = 10_000;
/** SES counts opens and clicks for 60 days after a mail was sent (SES metrics FAQ); its links go on leading somewhere. */
const COUNTED_FOR_MS = 60 * 86_400_000;

/** The server behind tracked images and links. Every visit is an event of its own. */
export function createTracker({ clock, publisher }: { clock: Clock; publisher: EventPublisher }): Tracker {
  const mails = new Map<string, MarkedMail>();
  const publish = (mail: MarkedMail, event: SesEvent) => {
    if (clock.now() - mail.acceptedAt < COUNTED_FOR_MS) void publisher.publish(mail, event);
  };

  return {
    keep: ({ sesMessageId, acceptedAt, configurationSet, eventMail, marks }) => {
      if (!marks.hasPixel && marks.links.length === 0) return;
      mails.set(sesMessageId, { acceptedAt, configurationSet, eventMail, marks });
      const [oldest] = mails.keys();
      if (mails.size > KEPT_MAILS && oldest !== undefined) mails.delete(oldest);
    },
    open: (sesMessageId, visitor) => {
      const mail = mails.get(sesMessageId);
      if (!mail?.marks.hasPixel) return false;
      publish(mail, openEvent(visitor, clock.now()));
      return true;
    },
    click: (sesMessageId, index, visitor) => {
      const mail = mails.get(sesMessageId);
      const link = mail?.marks.links[index];
      if (!mail || !link) return undefined;
      publish(mail, clickEvent(link, visitor, clock.now()));
      return link.link;
    },
  };
}

/** @param baseUrl of the local cloud */
export const trackingUrls = (baseUrl: string, sesMessageId: string): TrackingUrls => ({
  open: `${baseUrl}${OPEN_PATH}/${sesMessageId}`,
  click: (index) => `${baseUrl}${CLICK_PATH}/${sesMessageId}/${index}`,
});
