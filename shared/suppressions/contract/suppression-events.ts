import { defined } from '../../base/defined.ts';
import { eventIdOf, type PublishedEvent } from '../../events/published-event.ts';
import type { Stored } from '../../events/stored-change.ts';
import type { Suppression } from '../suppression.ts';
import type { SuppressionChange } from '../suppression-change.ts';
import { type SuppressionScope, tenantOfScope } from '../suppression-scope.ts';
import type { SuppressionEventType } from './suppression-event-types.ts';
import { suppressionItem } from './suppression-object.ts';

/** An entry that takes the place of another is the end of that one and a new one. */
export function eventsOfSuppression({
  change: { scope, before, after },
  recordedAtEpochMs,
}: Stored<SuppressionChange>): readonly PublishedEvent[] {
  if (before?.suppressionId === after?.suppressionId) return [];
  return [
    ...(before === undefined ? [] : [removedEvent(scope, before, recordedAtEpochMs)]),
    ...(after === undefined ? [] : [addedEvent(scope, after)]),
  ];
}

function addedEvent(scope: SuppressionScope, entry: Suppression): PublishedEvent {
  const atEpochMs = Date.parse(entry.createdAt);
  return suppressionEvent(scope, entry, 'suppression.added', atEpochMs);
}

/**
 * Event of a removed entry. Nothing is left that says when it went, but the time at which the table was told.
 */
const removedEvent = (scope: SuppressionScope, entry: Suppression, recordedAtEpochMs: number) =>
  suppressionEvent(scope, entry, 'suppression.removed', recordedAtEpochMs);

function suppressionEvent(
  scope: SuppressionScope,
  entry: Suppression,
  type: SuppressionEventType,
  atEpochMs: number,
): PublishedEvent {
  const { reason: _ours, ...data } = suppressionItem(entry);
  const stream = streamOfScope(scope);
  return {
    id: eventIdOf(atEpochMs, scope, entry.suppressionId, type),
    type,
    tenant: tenantOfScope(scope),
    createdAt: new Date(atEpochMs).toISOString(),
    data: { ...data, ...defined({ stream }) },
  };
}

/** Stream of a scope, where only the mail of one stream is stopped. */
const streamOfScope = (scope: SuppressionScope): string | undefined => /stream:([^/]+)$/.exec(scope)?.[1];
