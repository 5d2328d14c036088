import type { Assembly } from '../assembly/assembly.ts';
import { DEFAULT_EVENT_BUS, eventBusName } from '../assembly/event-bus-name.ts';
import type { NeededPermission } from '../gateway/iam/needed-permission.ts';
import type { ServiceCall } from '../gateway/wire-call.ts';

/** Permissions that IAM asks for a call of EventBridge: on every bus that the entries name. */
export function eventsPermissions(
  { operation, input }: ServiceCall,
  { region, accountId }: Assembly,
): readonly NeededPermission[] {
  const entries = Array.isArray(input.Entries) ? (input.Entries as { EventBusName?: unknown }[]) : [];
  const names = new Set(entries.map(({ EventBusName }) => eventBusName(EventBusName)));
  return [...(names.size > 0 ? names : [DEFAULT_EVENT_BUS])].map((name) => ({
    ...{ action: `events:${operation}`, context: {} },
    resource: `arn:aws:events:${region}:${accountId}:event-bus/${name}`,
  }));
}
