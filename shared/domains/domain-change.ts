import type { SendingDomain } from './sending-domain.ts';

/** A domain that was added, removed, or looked at again. */
export interface DomainChange {
  readonly before: SendingDomain | undefined;
  readonly after: SendingDomain | undefined;
}
