import type { Clock } from '../../host/clock.ts';
import {
  type EventContext,
  expiredEvent,
  GIVE_UP_MS,
  type SesEvent,
  sendEvent,
  simulatedEvents,
  toEvents,
} from '../events/mail-events.ts';
import type { EventPublisher } from '../events/publisher.ts';
import type { SesIds } from '../ids.ts';
import type { AcceptedMail } from '../sending/accepted-mail.ts';
import type { Timetable } from '../timetable.ts';
import type { Deliverer, RecipientOutcome } from './deliverer.ts';
import { findSimulatedMailbox } from './simulator.ts';

interface DeliveryDeps {
  readonly clock: Clock;
  readonly ids: SesIds;
  readonly timetable: Timetable;
  readonly deliverer: Deliverer;
  readonly publisher: EventPublisher;
}

const FIRST_RETRY_MS = 2000;
const MAX_RETRY_MS = 30_000;

/** Brings an accepted mail to its recipients and publishes what becomes of them. Settles after the first attempts. */
export function createDelivery(deps: DeliveryDeps): { deliver(mail: AcceptedMail): Promise<void> } {
  const publishAll = async (mail: AcceptedMail, events: readonly SesEvent[]) => {
    for (const event of events) await deps.publisher.publish(mail, event);
  };
  const contextOf = async (mail: AcceptedMail): Promise<EventContext> => ({
    now: deps.clock.now(),
    acceptedAt: mail.acceptedAt,
    feedbackId: deps.ids.next,
    remoteIp: await deps.deliverer.remoteIp(),
  });

  const attempt = async (
    mail: AcceptedMail,
    recipients: readonly string[],
    retryMs: number,
  ): Promise<void> => {
    const outcomes = await deps.deliverer.transmit(toTransaction(mail, recipients));
    const context = await contextOf(mail);
    const deferred = outcomes.filter(({ kind }) => kind === 'deferred');
    const giveUpAt = mail.acceptedAt + GIVE_UP_MS;

    if (deferred.length > 0 && context.now >= giveUpAt) {
      const settled = outcomes.filter(({ kind }) => kind !== 'deferred');
      return publishAll(mail, [...toEvents(settled, context), expiredEvent(deferred, context)]);
    }
    await publishAll(mail, toEvents(outcomes, context));
    if (deferred.length > 0) {
      const next = Math.min(context.now + retryMs, giveUpAt);
      const longer = Math.min(retryMs * 2, MAX_RETRY_MS);
      deps.timetable.at(next, () => void attempt(mail, deferred.map(recipientOf), longer));
    }
  };

  const simulate = async (mail: AcceptedMail, recipient: string) => {
    const mailbox = findSimulatedMailbox(recipient);
    if (mailbox) await publishAll(mail, simulatedEvents(mailbox, recipient, await contextOf(mail)));
  };

  return {
    deliver: async (mail) => {
      await deps.publisher.publish(mail, sendEvent());
      const simulated = mail.recipients.filter((address) => findSimulatedMailbox(address));
      const real = mail.recipients.filter((address) => !findSimulatedMailbox(address));
      await Promise.all([
        ...simulated.map((recipient) => simulate(mail, recipient)),
        ...byDomain(real).map((recipients) => attempt(mail, recipients, FIRST_RETRY_MS)),
      ]);
    },
  };
}

const recipientOf = ({ recipient }: RecipientOutcome) => recipient;

const byDomain = (recipients: readonly string[]): readonly string[][] => [
  ...Map.groupBy(recipients, (address) => address.slice(address.lastIndexOf('@') + 1).toLowerCase()).values(),
];

const toTransaction = (mail: AcceptedMail, recipients: readonly string[]) => ({
  sesMessageId: mail.sesMessageId,
  mailFrom: mail.mailFrom,
  recipients,
  mime: mail.mime,
  configurationSet: mail.configurationSet?.name ?? '',
  pool: mail.configurationSet?.pool ?? '',
  tenant: mail.tenant,
});
