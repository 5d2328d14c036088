import type { PublishedEvent } from '../../events/published-event.ts';
import type { BlockReader, LogBlock } from '../ports.ts';

interface Row {
  readonly number: number;
  readonly body: Uint8Array;
}

interface BlockReaderOptions {
  readonly rows: {
    /** Reads blocks in order, so many of each partition; what is missing in the middle may be there. */
    between(
      tenant: string,
      range: { readonly from: number; readonly to: number; readonly limit?: number },
    ): Promise<{ readonly found: readonly Row[]; readonly isCut: boolean }>;
  };
  readonly partitionCount: number;
  readonly decode: (body: Uint8Array, tenant: string) => readonly PublishedEvent[];
}

/**
 * Blocks as they follow each other. Partitions are read side by side, so that one may show a block whose predecessor the
 * other was asked for before it was there: a number that is missing is looked for once more. What is missing then has
 * expired, because numbers are given in order.
 */
export function createBlockReader({ rows, partitionCount, decode }: BlockReaderOptions): BlockReader {
  const runFrom = async (tenant: string, from: number, limit: number): Promise<Run> => {
    const { found, isCut } = await rows.between(tenant, { from, to: Number.MAX_SAFE_INTEGER, limit });
    const first = found[0]?.number ?? from;
    const isSure = first === from || (await isExpired(tenant, from, first - 1));
    if (!isSure) return runFrom(tenant, from, limit);
    const run = contiguous(found);
    return { run, isEnd: !isCut && run.length === found.length };
  };

  const isExpired = async (tenant: string, from: number, to: number): Promise<boolean> =>
    (await rows.between(tenant, { from, to, limit: 1 })).found.length === 0;

  return {
    async read(tenant, fromNumber, maxBlocks) {
      const all: Row[] = [];
      let next = fromNumber;
      while (all.length < maxBlocks) {
        const { run, isEnd } = await runFrom(
          tenant,
          next,
          Math.ceil((maxBlocks - all.length) / partitionCount),
        );
        all.push(...run);
        next = (run.at(-1)?.number ?? next) + 1;
        if (isEnd) break;
      }
      return all.slice(0, maxBlocks).map((row) => toBlock(row, tenant));
    },
  };

  function toBlock({ number, body }: Row, tenant: string): LogBlock {
    return { number, events: decode(body, tenant) };
  }
}

interface Run {
  readonly run: readonly Row[];
  readonly isEnd: boolean;
}

function contiguous(inOrder: readonly Row[]): readonly Row[] {
  const start = inOrder[0]?.number ?? 0;
  const gap = inOrder.findIndex(({ number }, index) => number !== start + index);
  return gap < 0 ? inOrder : inOrder.slice(0, gap);
}
