import type { PublishedEvent } from '../events/published-event.ts';

/** Names of what is counted of the events of mail. Recipients are counted, and not mails, but for visits. */
const COUNTED = [
  'received',
  'sent',
  'delivered',
  'delivery_delayed',
  'bounced_transient',
  'bounced_permanent',
  'bounced_undetermined',
  'complained',
  'suppressed',
  'failed',
  'opened',
  'unique_opened',
  'clicked',
  'unique_clicked',
  'unsubscribed',
  'machine_opened',
  'machine_clicked',
] as const;

export type Counted = (typeof COUNTED)[number];

/** Counts by name; what is not there is 0. */
export type Counts = Readonly<Partial<Record<Counted, number>>>;

/** Parts of an event that counting needs. */
export type CountedEvent = Pick<
  PublishedEvent,
  'type' | 'createdAt' | 'data' | 'recipientCount' | 'isInsteadOfSent' | 'isMachine' | 'isFirst'
>;

/** Counts that one event adds; none where it is about no mail, or about mail that is for later. */
export function countsOf(event: CountedEvent): Counts {
  const { type, recipientCount: count = 1, isInsteadOfSent = false } = event;
  const received = isInsteadOfSent ? { received: count } : {};
  switch (type) {
    case 'email.sent':
      return { received: count, sent: count };
    case 'email.suppressed':
      return { ...received, suppressed: count };
    case 'email.failed':
      return { ...received, failed: count };
    case 'email.delivered':
      return { delivered: count };
    case 'email.delivery_delayed':
      return { delivery_delayed: count };
    case 'email.bounced':
      return { [BOUNCES[bounceTypeOf(event)] ?? 'bounced_undetermined']: count };
    case 'email.complained':
      return { complained: count };
    case 'email.unsubscribed':
      return { unsubscribed: count };
    case 'email.opened':
      return visit(event, 'opened');
    case 'email.clicked':
      return visit(event, 'clicked');
    default:
      return {};
  }
}

/** Counts of a visit. A machine's says nothing of people, so that it is in no count of theirs. */
function visit({ isMachine, isFirst }: CountedEvent, kind: 'opened' | 'clicked'): Counts {
  if (isMachine) return { [`machine_${kind}`]: 1 };
  return { [kind]: 1, ...(isFirst ? { [`unique_${kind}`]: 1 } : {}) };
}

/** Counts by the bounce type of the contract, which is SES's. */
const BOUNCES: Readonly<Record<string, Counted>> = {
  Transient: 'bounced_transient',
  Permanent: 'bounced_permanent',
};

const bounceTypeOf = ({ data: { bounce } }: CountedEvent): string =>
  typeof bounce === 'object' && bounce !== null && 'type' in bounce ? String(bounce.type) : '';

export function sumOf(all: Iterable<Counts>): Counts {
  const sum: Partial<Record<Counted, number>> = {};
  for (const counts of all) {
    for (const [name, count] of entriesOf(counts)) sum[name] = (sum[name] ?? 0) + count;
  }
  return sum;
}

/** Joins entries: one for each key, with the counts of all that have it. */
export function together<T extends { readonly counts: Counts }>(
  all: readonly T[],
  keyOf: (each: T) => string,
): readonly T[] {
  return [...Map.groupBy(all, keyOf).values()].flatMap((same) =>
    same.slice(0, 1).map((first) => ({ ...first, counts: sumOf(same.map(({ counts }) => counts)) })),
  );
}

export const entriesOf = (counts: Counts) => Object.entries(counts) as readonly [Counted, number][];
