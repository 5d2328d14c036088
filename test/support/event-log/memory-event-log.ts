import type { BlockReader, LogBlock } from '../../../shared/event-log/ports.ts';
import { eventIdOf, type PublishedEvent } from '../../../shared/events/published-event.ts';
import { NOON } from '../messages/message-builders.ts';

/** Logs in memory. `reads` is what they were asked for. */
export function createMemoryEventLog() {
  const logs = new Map<string, LogBlock[]>();
  const reads: { readonly tenant: string; readonly fromNumber: number }[] = [];
  const logOf = (tenant: string): LogBlock[] => {
    const blocks = logs.get(tenant) ?? [];
    logs.set(tenant, blocks);
    return blocks;
  };

  const reader: { read: BlockReader['read'] } = {
    async read(tenant, fromNumber, maxBlocks) {
      reads.push({ tenant, fromNumber });
      return logOf(tenant)
        .filter(({ number }) => number >= fromNumber)
        .slice(0, maxBlocks);
    },
  };

  return {
    ...{ reader, reads },
    /** Answers the number of the new block. */
    append(events: readonly PublishedEvent[], tenant = 'default'): number {
      const blocks = logOf(tenant);
      const number = (blocks.at(-1)?.number ?? 0) + 1;
      blocks.push({ number, events });
      return number;
    },
    blocksOf: (tenant = 'default'): readonly LogBlock[] => logOf(tenant),
    /** The blocks before a number are forgotten. */
    forgetBefore(number: number, tenant = 'default'): void {
      const blocks = logOf(tenant);
      blocks.splice(
        0,
        blocks.findIndex((each) => each.number >= number),
      );
    },
  };
}

let told = 0;

/** An event of a mail from example.com; `createdAt` makes its id. */
export function anEvent(overrides: Partial<PublishedEvent> = {}): PublishedEvent {
  const createdAt = overrides.createdAt ?? new Date(NOON).toISOString();
  told += 1;
  return {
    id: eventIdOf(Date.parse(createdAt), 'default', String(told)),
    type: 'email.delivered',
    tenant: 'default',
    createdAt,
    data: { from: 'Acme <hello@example.com>' },
    ...overrides,
  };
}
