import { type BlockTrace, FINGERPRINT_BYTES, isFirstOfEra } from './event-block.ts';

/** The end of a log as one writer knows it: blocks without a gap, from some number up to the last. */
export interface LogSpan {
  readonly traces: readonly BlockTrace[];
  /** The number that the next block gets. */
  readonly next: number;
  /** True if there is nothing before it. */
  readonly isWhole: boolean;
  /** Time until which others append too: their blocks are looked for before one is put. */
  readonly contendedUntilEpochMs?: number;
}

export const emptySpan = (next: number): LogSpan => ({ traces: [], next, isWhole: true });

/** Span of the last block alone. */
export const spanOf = (last: BlockTrace): LogSpan =>
  withOlder({ traces: [], next: last.number + 1, isWhole: false }, [last]);

/** Span with a block that came after; any other changes nothing. */
export function withNewer(span: LogSpan, trace: BlockTrace): LogSpan {
  if (trace.number !== span.next) return span;
  return { ...span, traces: [...span.traces, trace], next: trace.number + 1 };
}

/** Span with what stands directly before it, oldest first. */
export function withOlder(span: LogSpan, older: readonly BlockTrace[]): LogSpan {
  const traces = [...older, ...span.traces];
  return { ...span, traces, isWhole: span.isWhole || isFirstOfEra(lowestOf({ ...span, traces })) };
}

/** The number of its first block; `next` where it has none. */
export const lowestOf = ({ traces, next }: LogSpan): number => traces[0]?.number ?? next;

/**
 * Whether all that was stored at that time or later, and is in the log, is in the span. Times of storing are whole
 * seconds, so that a block with the same time may have it.
 */
export function reachesBackTo({ traces, isWhole }: LogSpan, epochMs: number): boolean {
  const [lowest] = traces;
  return isWhole || (lowest !== undefined && lowest.newestRecordAtEpochMs < epochMs);
}

export interface Place {
  readonly block: number;
  readonly index: number;
}

/**
 * Finds, by fingerprint, where those events stand that were stored at that time or later and are in the span.
 */
export function findInSpan(
  { traces }: LogSpan,
  fingerprints: readonly string[],
  sinceEpochMs: number,
): ReadonlyMap<string, Place> {
  const wanted = Map.groupBy(fingerprints, beginningOf);
  const found = new Map<string, Place>();
  const first = traces.findLastIndex(({ newestRecordAtEpochMs }) => newestRecordAtEpochMs < sinceEpochMs) + 1;
  for (const trace of traces.slice(first)) {
    for (const [index, beginning] of beginningsOf(trace).entries()) {
      for (const fingerprint of wanted.get(beginning) ?? []) {
        if (fingerprintAt(trace, index) === fingerprint)
          found.set(fingerprint, { block: trace.number, index });
      }
    }
  }
  return found;
}

/**
 * Bytes of a fingerprint that are compared first. Numbers are compared a hundred times faster than texts;
 * only what begins alike is looked at as a whole.
 */
const BEGINNING_BYTES = 6;

const beginningOf = (fingerprint: string): number =>
  Number.parseInt(fingerprint.slice(0, 2 * BEGINNING_BYTES), 16);

function beginningsOf(trace: BlockTrace): readonly number[] {
  const bytes = bytesOf(trace);
  const count = bytes.length / FINGERPRINT_BYTES;
  return Array.from({ length: count }, (_, index) =>
    bytes.readUIntBE(index * FINGERPRINT_BYTES, BEGINNING_BYTES),
  );
}

function fingerprintAt(trace: BlockTrace, index: number): string {
  const start = index * FINGERPRINT_BYTES;
  return bytesOf(trace).toString('hex', start, start + FINGERPRINT_BYTES);
}

const bytesOf = ({ fingerprints }: BlockTrace): Buffer =>
  Buffer.from(fingerprints.buffer, fingerprints.byteOffset, fingerprints.byteLength);
