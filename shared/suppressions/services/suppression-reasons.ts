import { inParallel } from '../../base/services/in-parallel.ts';
import type { DroppedRecipient } from '../../messages/message-change.ts';
import type { Streams } from '../../streams/stream.ts';
import type { SuppressionLists } from '../ports.ts';
import type { SuppressionOrigin } from '../suppression.ts';
import { scopesOf } from '../suppression-scope.ts';

export interface SuppressionReasonsDeps {
  readonly suppressions: Pick<SuppressionLists, 'forScope'>;
  readonly streams: Streams;
}

/** A mail to fifty of an old list is fifty of them. */
const READS_AT_ONCE = 25;

/** The contract has words for the first two. */
const REASONS: Readonly<Record<SuppressionOrigin, string>> = {
  bounce: 'previous_bounce',
  complaint: 'previous_complaint',
  manual: 'manual',
  unsubscribe: 'unsubscribed',
};

/**
 * Reasons why recipients were dropped, which one in a hundred is: a row says who they are, and their entries
 * say why.
 */
export function createSuppressionReasons({ suppressions, streams }: SuppressionReasonsDeps) {
  const originOf = async ({ tenant, stream, address }: DroppedRecipient) => {
    for (const scope of scopesOf(tenant, streams.byName(stream))) {
      const entry = await suppressions.forScope(scope).get(address);
      if (entry !== undefined) return entry.origin;
    }
    return undefined;
  };

  return async (all: readonly DroppedRecipient[]) => {
    const reasons = new Map<string, string>();
    const asked = new Map(all.map((dropped) => [keyOf(dropped), dropped]));
    await inParallel([...asked], READS_AT_ONCE, async ([key, dropped]) => {
      const origin = await originOf(dropped);
      if (origin !== undefined) reasons.set(key, REASONS[origin]);
    });
    return (dropped: DroppedRecipient): string | undefined => reasons.get(keyOf(dropped));
  };
}

/** Lists are a tenant's and a stream's. */
const keyOf = ({ tenant, stream, address }: DroppedRecipient): string =>
  JSON.stringify([tenant, stream, address]);
