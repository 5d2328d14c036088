import type { Hop } from '../../emulators/http-hop.ts';
import type { GroupQueues } from './group-queues.ts';
import type { createReceive } from './receive.ts';
import type { Waiting } from './waiting.ts';

export interface FairHopDeps {
  readonly hop: Hop;
  readonly groups: GroupQueues;
  readonly waiting: Waiting;
  readonly receive: ReturnType<typeof createReceive>;
  /** The template's queues. */
  readonly queues: ReadonlySet<string>;
}
