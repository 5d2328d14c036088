import type { PaceState } from '../../../shared/pace/pace-state.ts';
import { decideGuard, type GuardDecision, type SendingCounts } from '../../../shared/reputation/guard.ts';
import { hasUnsubscribe } from '../../../shared/streams/stream.ts';
import type { MailboxProvider, StreamSettings } from '../../../shared/streams/stream-settings.ts';
import type { PauseState, StreamState } from '../../../shared/streams/stream-state.ts';
import type { LedgerCounts } from '../../../shared/warm-up/ports.ts';
import { allowanceOn, warmUpDay } from '../../../shared/warm-up/warm-up.ts';

type Counts = Readonly<Partial<Record<MailboxProvider, LedgerCounts>> & { all: LedgerCounts }>;

const NOTHING: LedgerCounts = { used: 0, overflowed: 0 };

/**
 * An entry of `GET /streams`. `status` is `active` or `paused`, with who paused it, why and since when; `tracking` is what a
 * mail gets that says nothing, and null where none is ever tracked.
 */
export function streamItem(settings: StreamSettings, state: StreamState) {
  return {
    name: settings.name,
    kind: settings.kind,
    ...pauseFields(state),
    pool: settings.pool,
    rate_percent: settings.ratePercent,
    keep_days: settings.keepDays,
    tracking: settings.tracking ?? null,
    unsubscribe: hasUnsubscribe(settings),
    guard: {
      bounce_percent: settings.guard.bouncePercent,
      complaint_percent: settings.guard.complaintPercent,
    },
  };
}

/** Of a stream or a tenant. */
export const pauseFields = ({ status, reason, pausedBy, sinceEpochMs }: PauseState) => ({
  status,
  reason: reason ?? null,
  paused_by: pausedBy ?? null,
  since: sinceEpochMs === undefined ? null : new Date(sinceEpochMs).toISOString(),
});

/** `GET /streams/{name}`: with its pool, and what today's volume is and what became of it, counted in recipients. */
export function streamObject(
  settings: StreamSettings,
  state: StreamState,
  {
    counts,
    reputation,
    providers,
  }: {
    readonly counts: Counts;
    readonly reputation: SendingCounts;
    readonly providers: PaceState['providers'];
  },
  nowEpochMs: number,
) {
  return {
    object: 'stream',
    ...streamItem(settings, state),
    pool_name: settings.poolName ?? null,
    ips: state.poolIps,
    reputation: reputationObject(decideGuard(reputation, settings.guard), reputation),
    providers_held_back: heldBackObjects(providers),
    warm_up: warmUpObject(settings, state, counts, nowEpochMs),
  };
}

/** Mailbox providers that defer our mail get less of it for a while; for all streams together. */
const heldBackObjects = (providers: PaceState['providers']) =>
  Object.entries(providers).map(([name, { recipientsPerSecond, loweredAtEpochMs }]) => ({
    name,
    recipients_per_second: round(recipientsPerSecond),
    lowered_at: new Date(loweredAtEpochMs).toISOString(),
  }));

/** What the guard goes by: the last ten thousand recipients or so, since it was last resumed. */
export function reputationObject({ kind, reason }: GuardDecision, counts: SendingCounts) {
  const percentOf = (count: number) => (counts.sent === 0 ? 0 : round((count / counts.sent) * 100));
  return {
    standing: kind,
    reason,
    ...counts,
    bounce_percent: percentOf(counts.bounced),
    complaint_percent: percentOf(counts.complained),
  };
}

const round = (percent: number): number => Math.round(percent * 1_000) / 1_000;

/** Null where there is no plan; without a day while its pool has no address. */
function warmUpObject(
  { warmUp }: StreamSettings,
  { warmUpStartedOn }: StreamState,
  counts: Counts,
  nowEpochMs: number,
) {
  if (warmUp === undefined) return null;
  const overflow = warmUp.waits ? 'wait' : 'send';
  if (warmUpStartedOn === undefined) return { day: null, overflow };
  const day = warmUpDay(warmUpStartedOn, nowEpochMs);
  const providers = Object.entries(warmUp.providers ?? {}) as [MailboxProvider, typeof warmUp.plan][];
  return {
    day,
    overflow,
    started_on: warmUpStartedOn,
    allowance: allowanceOn(warmUp.plan, day),
    ...counts.all,
    providers: providers.map(([name, plan]) => ({
      name,
      allowance: allowanceOn(plan, day),
      ...(counts[name] ?? NOTHING),
    })),
  };
}
