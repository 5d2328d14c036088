import type { Counts } from './event-counts.ts';

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

/**
 * Metrics of ours. Only a caller that asks for them by name is told: clients of the contract refuse words
 * that they do not know.
 */
export const OWN_METRICS = ['machine_opened', 'machine_clicked'] as const;

export type Metric = (typeof METRICS)[number] | (typeof OWN_METRICS)[number];

/** Number that is shown of counts: counts, and rates in percent, 0 where there is nothing to compare with. */
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

/** Percentage with two decimals: complaints are worth a look at 0.08 percent. */
const percent = (part = 0, whole = 0): number =>
  whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100;
