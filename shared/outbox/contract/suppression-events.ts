import { eventIdOf, type PublishedEvent } from '../../events/published-event.ts';
import { suppressionItem } from '../../suppressions/contract/suppression-object.ts';
import type { Suppression } from '../../suppressions/suppression.ts';
import { type SuppressionScope, tenantOfScope } from '../../suppressions/suppression-scope.ts';
import type { StoredChange } from '../stored-change.ts';

type SuppressionChange = Extract<StoredChange, { kind: 'suppression' }>;

/** An entry that was put in, taken out, or replaced by another of the same address. */
export function eventsOfSuppression({
  scope,
  before,
  after,
  recordedAtEpochMs,
}: SuppressionChange): readonly PublishedEvent[] {
  if (before?.suppressionId === after?.suppressionId) return [];
  return [
    ...(before === undefined ? [] : [removedEvent(scope, before, recordedAtEpochMs)]),
    ...(after === undefined ? [] : [addedEvent(scope, after)]),
  ];
}

export function addedEvent(scope: SuppressionScope, entry: Suppression): PublishedEvent {
  const atEpochMs = Date.parse(entry.createdAt);
  return suppressionEvent(scope, entry, 'suppression.added', atEpochMs);
}

/** Nothing is left that says when it went, but the time at which the table was told. */
const removedEvent = (scope: SuppressionScope, entry: Suppression, recordedAtEpochMs: number) =>
  suppressionEvent(scope, entry, 'suppression.removed', recordedAtEpochMs);

function suppressionEvent(
  scope: SuppressionScope,
  entry: Suppression,
  type: 'suppression.added' | 'suppression.removed',
  atEpochMs: number,
): PublishedEvent {
  const { reason: _ours, ...data } = suppressionItem(entry);
  const stream = streamOfScope(scope);
  return {
    id: eventIdOf(atEpochMs, scope, entry.suppressionId, type),
    type,
    tenant: tenantOfScope(scope),
    createdAt: new Date(atEpochMs).toISOString(),
    data: { ...data, ...(stream === undefined ? {} : { stream }) },
  };
}

/** Set where only the mail of one stream is stopped. */
const streamOfScope = (scope: SuppressionScope): string | undefined => /stream:([^/]+)$/.exec(scope)?.[1];
