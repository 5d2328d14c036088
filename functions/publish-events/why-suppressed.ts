import { inParallel } from '../../shared/base/services/in-parallel.ts';
import type { Message } from '../../shared/messages/message.ts';
import type { SuppressionReasons } from '../../shared/outbox/contract/email-events.ts';
import type { StoredChange } from '../../shared/outbox/stored-change.ts';
import type { Streams } from '../../shared/streams/stream.ts';
import type { SuppressionLists } from '../../shared/suppressions/ports.ts';
import type { SuppressionOrigin } from '../../shared/suppressions/suppression.ts';
import { scopesOf } from '../../shared/suppressions/suppression-scope.ts';

export interface WhySuppressedDeps {
  readonly suppressions: Pick<SuppressionLists, 'forScope'>;
  readonly streams: Streams;
}

/** A mail to fifty of an old list is fifty of them. */
const READS_AT_ONCE = 25;

interface Dropped {
  readonly message: Message;
  readonly address: string;
}

/** Read for those who were dropped, one in a hundred: a row says who they are, and their entries say why. */
export function createWhySuppressed({ suppressions, streams }: WhySuppressedDeps) {
  const originOf = async ({ message, address }: Dropped): Promise<SuppressionOrigin | undefined> => {
    for (const scope of scopesOf(message.tenant, streams.byName(message.stream))) {
      const entry = await suppressions.forScope(scope).get(address);
      if (entry !== undefined) return entry.origin;
    }
    return undefined;
  };

  return async (changes: readonly StoredChange[]) => {
    const origins = new Map<string, SuppressionOrigin>();
    const asked = new Map(changes.flatMap(droppedOf).map((dropped) => [keyOf(dropped), dropped]));
    await inParallel([...asked], READS_AT_ONCE, async ([key, dropped]) => {
      const origin = await originOf(dropped);
      if (origin !== undefined) origins.set(key, origin);
    });

    return (change: StoredChange): SuppressionReasons =>
      new Map(
        droppedOf(change).flatMap((dropped) => {
          const origin = origins.get(keyOf(dropped));
          return origin === undefined ? [] : [[dropped.address, origin] as const];
        }),
      );
  };
}

function droppedOf(change: StoredChange): readonly Dropped[] {
  if (change.kind !== 'message') return [];
  const message = change.after;
  return (message.suppressedRecipients ?? []).map((address) => ({ message, address }));
}

/** Lists are a tenant's and a stream's. */
const keyOf = ({ message: { tenant, stream }, address }: Dropped): string =>
  JSON.stringify([tenant, stream, address]);
