import type { SuppressionReasons } from '../../shared/contract/email-events.ts';
import type { Message } from '../../shared/domain/message.ts';
import type { SuppressionLists } from '../../shared/domain/ports.ts';
import type { StoredChange } from '../../shared/domain/stored-change.ts';
import type { Streams } from '../../shared/domain/stream.ts';
import type { SuppressionOrigin } from '../../shared/domain/suppression.ts';
import { scopesOf } from '../../shared/domain/suppression-scope.ts';

export interface WhySuppressedDeps {
  readonly suppressions: Pick<SuppressionLists, 'in'>;
  readonly streams: Streams;
}

const NONE: SuppressionReasons = new Map();

/** Read for those who were dropped, one in a hundred: a row says who they are, and their entries say why. */
export function createWhySuppressed({ suppressions, streams }: WhySuppressedDeps) {
  const originOf = async (message: Message, address: string): Promise<SuppressionOrigin | undefined> => {
    for (const scope of scopesOf(message.tenant, streams.of(message.stream))) {
      const entry = await suppressions.in(scope).get(address);
      if (entry !== undefined) return entry.origin;
    }
    return undefined;
  };

  const reasonsOf = async (message: Message): Promise<SuppressionReasons> => {
    const reasons = new Map<string, SuppressionOrigin>();
    for (const address of message.suppressedRecipients ?? []) {
      const origin = await originOf(message, address);
      if (origin !== undefined) reasons.set(address, origin);
    }
    return reasons;
  };

  return async (changes: readonly StoredChange[]) => {
    const known = new Map<StoredChange, SuppressionReasons>();
    for (const change of changes) {
      const isAboutDropped = change.kind === 'message' && change.after.suppressedRecipients !== undefined;
      if (isAboutDropped) known.set(change, await reasonsOf(change.after));
    }
    return (change: StoredChange): SuppressionReasons => known.get(change) ?? NONE;
  };
}
