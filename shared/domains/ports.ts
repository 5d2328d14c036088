import type { MailTracking } from '../mail/tracking.ts';
import type { DnsAnswer, DnsRecord } from './dns-records.ts';
import type { IdentityState, SendingDomain } from './sending-domain.ts';

/** Domains that mail may be accepted from. */
export interface SendingDomains {
  /**
   * Finds the domain, if mail of this tenant may leave from it. Domains of the config are known at once;
   * another one is read from the catalog and, once it is verified, remembered for 50 s.
   */
  find(tenant: string, name: string): Promise<VerifiedDomain | undefined>;
}

export interface VerifiedDomain {
  readonly name: string;
  /** Tracking that its settings say, up to 50 s ago; absent for domains of the config, which have none. */
  readonly tracking?: MailTracking;
}

/** Domains in the catalog. A name belongs to one tenant: SES has one identity of it for the whole account. */
export interface Domains {
  /** Reads a domain, strongly consistent. */
  get(owner: string, domainId: string): Promise<SendingDomain | undefined>;
  /** Lists domains newest first. */
  list(owner: string): Promise<readonly SendingDomain[]>;
  /** Claims a name; answers who has it: the given owner, unless it is another's already. */
  claimName(domainId: string, owner: string): Promise<string>;
  /** Stores a domain; answers the one that holds: this, or the one that was there. */
  putIfAbsent(domain: SendingDomain): Promise<SendingDomain>;
  /** Changes a domain; answers it as it is then, undefined where it is gone. */
  update(domain: SendingDomain, changes: DomainChanges): Promise<SendingDomain | undefined>;
  /** Deletes a domain, whose name is free then. */
  delete(owner: string, domainId: string): Promise<void>;
}

export type DomainChanges = Partial<
  Pick<SendingDomain, 'settings' | 'isVerifyAsked' | 'isAdopted' | 'identityReadAtEpochMs' | 'dns'>
> & {
  /** Identity in SES; `null`: there is none any more. */
  readonly identity?: IdentityState | null;
};

/** A stretch of all domains of all owners, in the order of their keys. */
export interface DomainPages {
  page(
    after: Pick<SendingDomain, 'owner' | 'domainId'> | undefined,
    limit: number,
  ): Promise<{ readonly domains: readonly SendingDomain[]; readonly isLast: boolean }>;
}

/** SES identities. About one call a second for the whole account: never for a message. */
export interface Identities {
  get(name: string): Promise<IdentityState | undefined>;
  /** Creates an identity with Easy DKIM, 2048 bits. `exists` where the account has it already. */
  create(name: string): Promise<{ kind: 'created'; identity: IdentityState } | { kind: 'exists' }>;
  /** Sets its MAIL FROM; SES checks it anew. */
  setMailFrom(name: string, mailFromDomain: string): Promise<void>;
  /**
   * Stops copies of bounces by mail, which would land in the mailbox behind every `from`; bounces come as
   * events.
   */
  stopForwarding(name: string): Promise<void>;
  /** Begins Easy DKIM's check again, with new selectors where SES wants them. */
  restartDkim(name: string): Promise<void>;
  /** Deletes an identity; that there is none is success. */
  delete(name: string): Promise<void>;
}

/** Error that SES takes no such identity, now or later. */
export class IdentityRefusedError extends Error {
  override readonly name = 'IdentityRefusedError';
  readonly permanent = true;
}

export interface DnsLookup {
  /** Looks a record up. Never throws: what goes wrong is `unknown`. */
  lookUp(record: Pick<DnsRecord, 'fullName' | 'type'>): Promise<DnsAnswer>;
}
