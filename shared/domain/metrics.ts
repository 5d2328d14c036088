import type { PublishedEvent } from './published-event.ts';

/** What is counted of the events of mail, each under its own name. Recipients are counted, and not mails, but for visits. */
export const COUNTED = [
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

/** What is not there is 0. */
export type Counts = Readonly<Partial<Record<Counted, number>>>;

/** What counting needs of an event. */
export type CountedEvent = Pick<
  PublishedEvent,
  'type' | 'createdAt' | 'data' | 'recipientCount' | 'isInsteadOfSent' | 'isMachine' | 'isFirst'
>;

/** What one event adds; nothing where it is about no mail, or about mail that is for later. */
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

/** A machine's visit says nothing of people, so that it is in no count of theirs. */
function visit({ isMachine, isFirst }: CountedEvent, kind: 'opened' | 'clicked'): Counts {
  if (isMachine) return { [`machine_${kind}`]: 1 };
  return { [kind]: 1, ...(isFirst ? { [`unique_${kind}`]: 1 } : {}) };
}

/** By the bounce type of the contract, which is SES's. */
const BOUNCES: Readonly<Record<string, Counted>> = {
  Transient: 'bounced_transient',
  Permanent: 'bounced_permanent',
};

const bounceTypeOf = ({ data: { bounce } }: CountedEvent): string =>
  typeof bounce === 'object' && bounce !== null && 'type' in bounce ? String(bounce.type) : '';

export function addCounts(one: Counts, other: Counts): Counts {
  const sum: Partial<Record<Counted, number>> = { ...one };
  for (const [name, count] of entriesOf(other)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

export const entriesOf = (counts: Counts) => Object.entries(counts) as readonly [Counted, number][];

/** The metrics of the contract, in its order. */
export const METRICS = [
  'received',
  'delivered',
  'complained',
  'suppressed',
  'bounced',
  'bounced_transient',
  'bounced_permanent',
  'bounced_undetermined',
  'opened',
  'clicked',
  'unsubscribed',
  'delivery_delayed',
  'failed',
  'sent',
  'unique_opened',
  'unique_clicked',
  'delivery_rate',
  'open_rate',
  'click_rate',
  'bounce_rate',
  'complaint_rate',
  'unsubscribe_rate',
] as const;

/** Ours. Only who asks for them by name is told: clients of the contract refuse words that they do not know. */
export const OWN_METRICS = ['machine_opened', 'machine_clicked'] as const;

export type Metric = (typeof METRICS)[number] | (typeof OWN_METRICS)[number];

/** What is shown of counts: counts, and rates in percent, 0 where there is nothing to compare with. */
export function metricOf(counts: Counts, metric: Metric): number {
  switch (metric) {
    case 'bounced':
      return bouncedOf(counts);
    case 'delivery_rate':
      return percent(counts.delivered, counts.sent);
    case 'bounce_rate':
      return percent(bouncedOf(counts), counts.sent);
    case 'open_rate':
      return percent(counts.unique_opened, counts.delivered);
    case 'click_rate':
      return percent(counts.unique_clicked, counts.delivered);
    case 'complaint_rate':
      return percent(counts.complained, counts.delivered);
    case 'unsubscribe_rate':
      return percent(counts.unsubscribed, counts.delivered);
    default:
      return counts[metric] ?? 0;
  }
}

const bouncedOf = ({
  bounced_transient: transient = 0,
  bounced_permanent: permanent = 0,
  bounced_undetermined: undetermined = 0,
}: Counts): number => transient + permanent + undetermined;

/** Two decimals: complaints are worth a look at 0.08 percent. */
const percent = (part = 0, whole = 0): number =>
  whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100;
