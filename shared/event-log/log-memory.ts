import type { BlockTrace } from './event-block.ts';
import type { LogSpan } from './log-span.ts';

/** The ends of many logs in a bounded space: the one that was not asked for longest is forgotten first. */
interface LogMemory {
  get(tenant: string): LogSpan | undefined;
  set(tenant: string, span: LogSpan): void;
}

/** Bytes that a block takes besides its fingerprints, about. */
const TRACE_BYTES = 200;

export function createLogMemory(mostBytes: number): LogMemory {
  const spans = new Map<string, LogSpan>();
  let bytes = 0;

  const forget = (tenant: string) => {
    bytes -= sizeOf(spans.get(tenant)?.traces ?? []);
    spans.delete(tenant);
  };

  return {
    get: (tenant) => spans.get(tenant),

    set(tenant, span) {
      forget(tenant);
      const kept = shorten(span, mostBytes);
      spans.set(tenant, kept);
      bytes += sizeOf(kept.traces);
      for (const [other] of spans) {
        if (bytes <= mostBytes) return;
        forget(other);
      }
    },
  };
}

/** Shortens a span to its newer half, as often as it takes. */
function shorten(span: LogSpan, mostBytes: number): LogSpan {
  if (sizeOf(span.traces) <= mostBytes) return span;
  const traces = span.traces.slice(Math.ceil(span.traces.length / 2));
  return shorten({ ...span, traces, isWhole: false }, mostBytes);
}

const sizeOf = (traces: readonly BlockTrace[]): number =>
  traces.reduce((sum, { fingerprints }) => sum + TRACE_BYTES + fingerprints.length, 0);
