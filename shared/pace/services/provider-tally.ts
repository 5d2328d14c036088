import type { Clock } from '../../base/ports.ts';
import { domainOf } from '../../mail/address.ts';
import type { Fact } from '../../messages/delivery-event.ts';
import type { MailboxProvider } from '../../streams/stream-settings.ts';
import { providerOf } from '../mailbox-provider.ts';
import type { ProviderReports, SignalsByProvider } from '../ports.ts';
import type { ProviderSignals } from '../provider-ceiling.ts';

export interface ProviderTally {
  count(fact: Fact): void;
  /**
   * Writes what has been counted, if the last time is long enough ago.
   * @throws what the store throws; what was counted is kept for the next time
   */
  flush(): Promise<void>;
}

const LONGEST_MS = 10_000;

/**
 * Creates the tally, one for each worker. What it has not written dies with it: ceilings live on many
 * reports, not on each.
 */
export function createProviderTally(reports: Pick<ProviderReports, 'add'>, clock: Clock): ProviderTally {
  let signals: SignalsByProvider = {};
  let flushedAtEpochMs = clock.nowEpochMs();

  return {
    count(fact) {
      const signal = signalOf(fact);
      if (signal !== undefined) signals = add(signals, signal);
    },

    async flush() {
      const nowEpochMs = clock.nowEpochMs();
      if (Math.abs(nowEpochMs - flushedAtEpochMs) < LONGEST_MS || Object.keys(signals).length === 0) return;
      flushedAtEpochMs = nowEpochMs;
      const counted = signals;
      signals = {};
      try {
        await reports.add(counted);
      } catch (error) {
        signals = Object.entries(signals).reduce(add, counted);
        throw error;
      }
    },
  };
}

type Signal = readonly [provider: string, signals: ProviderSignals];

function add(signals: SignalsByProvider, [provider, { delayed, delivered }]: Signal): SignalsByProvider {
  const before = signals[provider as MailboxProvider] ?? { delayed: 0, delivered: 0 };
  return {
    ...signals,
    [provider]: { delayed: before.delayed + delayed, delivered: before.delivered + delivered },
  };
}

/** Delay of a full mailbox, which says nothing about how much its provider takes. */
const OF_THE_MAILBOX = 'MailboxFull';

function signalOf({ kind, recipient = '', detail = {} }: Fact): Signal | undefined {
  const provider = providerOf(domainOf(recipient));
  if (kind === 'delivered') return [provider, { delayed: 0, delivered: 1 }];
  const isDelay = kind === 'delayed' && detail.delayType !== OF_THE_MAILBOX;
  const isDeferred =
    kind === 'bounced' && detail.bounceType === 'Transient' && detail.bounceSubType === 'General';
  return isDelay || isDeferred ? [provider, { delayed: 1, delivered: 0 }] : undefined;
}
