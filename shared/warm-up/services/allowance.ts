import { dayOf } from '../../base/days.ts';
import type { Clock } from '../../base/ports.ts';
import type { MailboxProvider, StreamSettings } from '../../streams/stream-settings.ts';
import type { StreamState } from '../../streams/stream-state.ts';
import type { LedgerDay, WarmUpLedger } from '../ports.ts';
import { decideWarmUp, type Need, needsOf, type WarmUpDecision } from '../warm-up.ts';

interface AllowanceDeps {
  readonly ledger: Pick<WarmUpLedger, 'lease' | 'countOverflow'>;
  readonly clock: Clock;
}

export interface Allowance {
  /**
   * Takes a mail's recipients from today's volume, or says where else it goes.
   * @param recipients the provider of each of them
   * @throws what the ledger throws; nothing was taken then
   */
  take(
    settings: Pick<StreamSettings, 'name' | 'warmUp'>,
    state: Pick<StreamState, 'warmUpStartedOn' | 'poolIps'>,
    recipients: readonly MailboxProvider[],
  ): Promise<WarmUpDecision>;
  /** Tells whether nothing more is left of today's volume, as far as this worker knows; costs nothing. */
  isUsedUp(
    settings: Pick<StreamSettings, 'name'>,
    state: Pick<StreamState, 'warmUpStartedOn' | 'poolIps'>,
  ): boolean;
  /** Writes the overflow that has been counted and not written yet. */
  flush(): Promise<void>;
}

/** Line of the ledger as a worker knows it. */
interface Line {
  readonly line: LedgerDay;
  readonly allowance: number;
  inHand: number;
  /** Recipients that are left in the ledger at most. */
  left: number;
}

/** Recipients after which overflow is written together; or when the last time is so long ago. */
const FLUSH_AT = 50;
const FLUSH_AFTER_MS = 10_000;

/**
 * Creates the allowance, one for each worker: it keeps the chunks that it leased, and what it leased is gone
 * when it dies.
 */
export function createAllowance({ ledger, clock }: AllowanceDeps): Allowance {
  const lines = new Map<string, Line>();
  const overflow = createOverflow(ledger, clock);
  let last: Promise<unknown> = Promise.resolve();

  const lineOf = ({ line, allowance }: Need): Line => {
    const key = keyOf(line);
    const known = lines.get(key);
    if (known?.allowance === allowance) return known;
    const fresh = { line, allowance, inHand: known?.inHand ?? 0, left: Number.POSITIVE_INFINITY };
    lines.set(key, fresh);
    return fresh;
  };

  const cover = async ({ recipients }: Need, line: Line): Promise<boolean> => {
    const need = recipients - line.inHand;
    if (need <= 0) return true;
    if (need > line.left) return false;
    const answer = await ledger.lease(line.line, need, line.allowance);
    if (answer.kind === 'leased') line.inHand += answer.recipients;
    else line.left = answer.left;
    return answer.kind === 'leased';
  };

  const coverAll = async (needs: readonly Need[]): Promise<boolean> => {
    const wanted = needs.map((need) => ({ need, line: lineOf(need) }));
    for (const { need, line } of wanted) if (!(await cover(need, line))) return false;
    for (const { need, line } of wanted) line.inHand -= need.recipients;
    return true;
  };

  const decide: Allowance['take'] = async (settings, { warmUpStartedOn, poolIps }, recipients) => {
    const nowEpochMs = clock.nowEpochMs();
    const poolHasAddress = warmUpStartedOn !== undefined && poolIps.length > 0;
    const needs = poolHasAddress ? needsOf(settings, recipients, warmUpStartedOn, nowEpochMs) : [];
    forgetOtherDays(lines, settings.name, needs[0]?.line.day);
    const isCovered = poolHasAddress && (await coverAll(needs));
    const decision = decideWarmUp({ settings, poolHasAddress, isCovered, nowEpochMs });
    if (decision.kind === 'overflow') await overflow.count(needs);
    return decision;
  };

  return {
    // One after the other: two mails must not take the same rest.
    take(...mail) {
      const turn = last.then(() => decide(...mail));
      last = turn.catch(() => {});
      return turn;
    },
    isUsedUp({ name }, { warmUpStartedOn, poolIps }) {
      if (warmUpStartedOn === undefined || poolIps.length === 0) return false;
      const line = lines.get(keyOf({ stream: name, day: dayOf(clock.nowEpochMs()), provider: 'all' }));
      return line !== undefined && line.left <= 0 && line.inHand <= 0;
    },
    flush: () => overflow.flush(),
  };
}

const keyOf = ({ stream, day, provider }: LedgerDay): string => `${stream}#${day}#${provider}`;

function forgetOtherDays(lines: Map<string, Line>, stream: string, today: string | undefined): void {
  for (const [key, { line }] of lines) if (line.stream === stream && line.day !== today) lines.delete(key);
}

function createOverflow(ledger: AllowanceDeps['ledger'], clock: Clock) {
  const pending = new Map<string, { readonly line: LedgerDay; readonly recipients: number }>();
  let flushedAtEpochMs = 0;

  const flush = async () => {
    flushedAtEpochMs = clock.nowEpochMs();
    for (const [key, { line, recipients }] of pending) {
      await ledger.countOverflow(line, recipients);
      pending.delete(key);
    }
  };

  return {
    flush,
    async count(needs: readonly Need[]): Promise<void> {
      for (const { line, recipients } of needs) {
        const before = pending.get(keyOf(line))?.recipients ?? 0;
        pending.set(keyOf(line), { line, recipients: before + recipients });
      }
      const most = Math.max(...[...pending.values()].map((each) => each.recipients));
      const isOld = Math.abs(clock.nowEpochMs() - flushedAtEpochMs) >= FLUSH_AFTER_MS;
      if (isOld || most >= FLUSH_AT) await flush();
    },
  };
}
