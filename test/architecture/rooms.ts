/** The rooms of `shared/`, ground floor first: a room imports only rooms before it. */
export const ROOMS: readonly string[] = [
  'base',
  'events',
  'mail',
  'guarded-http',
  'streams',
  'access',
  'messages',
  'suppressions',
  'domains',
  'tenants',
  'pace',
  'warm-up',
  'sending',
  'feedback',
  'reputation',
  'event-log',
  'metrics',
  'webhooks',
  'outbox',
  'event-catalog',
  'scheduling',
  'submission',
];

/** Folders inside a room; what stands at its top are its rules. */
export type Layer = 'rules' | 'contract' | 'services' | 'adapters';

interface Place {
  readonly room: string;
  /** Its number from the ground. */
  readonly floor: number;
  readonly layer: Layer;
}

/** Where in the rooms a file stands; undefined for one that stands in none. */
export function placeOf(path: string): Place | undefined {
  const [, room = '', layer] =
    /^shared\/([^/]+)\/(?:(contract|services|adapters)\/)?[^/]+\.ts$/.exec(path) ?? [];
  const floor = ROOMS.indexOf(room);
  return floor < 0 ? undefined : { room, floor, layer: (layer ?? 'rules') as Layer };
}
