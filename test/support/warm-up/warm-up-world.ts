import type { MailboxProvider } from '../../../shared/streams/stream-settings.ts';
import type { LedgerCounts, LedgerDay, WarmUpLedger } from '../../../shared/warm-up/ports.ts';
import { chunkOf } from '../../../shared/warm-up/warm-up.ts';

interface LedgerFake extends WarmUpLedger {
  readonly lines: Map<string, { line: LedgerDay; used: number; overflowed: number }>;
  readonly counts: { writes: number; reads: number };
}

/** Remembers; between its read and its write others come in. */
export function createLedgerFake(): LedgerFake {
  const lines: LedgerFake['lines'] = new Map();
  const counts = { writes: 0, reads: 0 };
  const lineOf = (line: LedgerDay) => {
    const key = `${line.stream}#${line.day}#${line.provider}`;
    const known = lines.get(key) ?? { line, used: 0, overflowed: 0 };
    lines.set(key, known);
    return known;
  };

  return {
    lines,
    counts,
    async lease(line, need, allowance) {
      for (;;) {
        counts.reads += 1;
        const left = Math.max(0, allowance - lineOf(line).used);
        await Promise.resolve();
        const chunk = chunkOf(need, left);
        if (chunk === 0) return { kind: 'used-up', left };
        counts.writes += 1;
        if (lineOf(line).used + chunk > allowance) continue;
        lineOf(line).used += chunk;
        return { kind: 'leased', recipients: chunk };
      }
    },
    async countOverflow(line, recipients) {
      counts.writes += 1;
      lineOf(line).overflowed += recipients;
    },
    async read(stream, day) {
      const found: Partial<Record<MailboxProvider, LedgerCounts>> & { all: LedgerCounts } = {
        all: { used: 0, overflowed: 0 },
      };
      for (const { line, used, overflowed } of lines.values())
        if (line.stream === stream && line.day === day) found[line.provider] = { used, overflowed };
      return found;
    },
  };
}
