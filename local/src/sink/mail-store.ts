import { isUtf8 } from 'node:buffer';
import { domainToASCII } from 'node:url';
import type { SinkMail } from './mail.ts';

/** A mail with its bytes; `toSinkMail` gives it the shape others see. */
export interface StoredMail extends Omit<SinkMail, 'raw'> {
  readonly bytes: Buffer;
}

export interface MailStoreLimits {
  readonly mails: number;
  readonly bytes: number;
}

interface MailFilter {
  readonly to?: string | undefined;
  /** The id of a mail: only what came later is wanted. One that is not kept leaves everything wanted. */
  readonly after?: string | undefined;
}

export interface MailStore {
  add(mail: StoredMail): void;
  get(id: string): StoredMail | undefined;
  /** Lists mails, oldest first; `to` is one envelope recipient in any case, its domain in Unicode or in punycode. */
  list(filter?: MailFilter): readonly StoredMail[];
  /** Counts the mails that were dropped to stay within the limits. */
  dropped(): number;
}

/** Keeps the newest mails within both limits; the newest one is always kept. */
export function createMailStore(limits: MailStoreLimits): MailStore {
  const mails = new Map<string, StoredMail>();
  let bytes = 0;
  let dropped = 0;

  const dropOldest = () => {
    const [oldest] = mails.values();
    if (!oldest) return;
    mails.delete(oldest.id);
    bytes -= oldest.bytes.length;
    dropped += 1;
  };

  return {
    add: (mail) => {
      mails.set(mail.id, mail);
      bytes += mail.bytes.length;
      while (mails.size > 1 && (mails.size > limits.mails || bytes > limits.bytes)) dropOldest();
    },
    get: (id) => mails.get(id),
    list: ({ to, after } = {}) => {
      const later = laterThan(after, [...mails.values()]);
      return to === undefined ? later : later.filter(isFor(to));
    },
    dropped: () => dropped,
  };
}

const laterThan = (after: string | undefined, mails: readonly StoredMail[]): readonly StoredMail[] =>
  after === undefined ? mails : mails.slice(mails.findLastIndex(({ id }) => id === after) + 1);

function isFor(to: string) {
  const wanted = comparable(to);
  return ({ envelope }: StoredMail) => envelope.to.some((recipient) => comparable(recipient) === wanted);
}

function comparable(address: string): string {
  const lower = address.toLowerCase();
  const at = lower.lastIndexOf('@') + 1;
  const domain = lower.slice(at);
  return lower.slice(0, at) + (domainToASCII(domain) || domain);
}

/** Reads bytes as UTF-8 text where they are that, and as Latin-1 otherwise, which loses none of them. */
export const toSinkMail = ({ bytes, ...mail }: StoredMail): SinkMail => ({
  id: mail.id,
  envelope: mail.envelope,
  raw: bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1'),
  receivedAt: mail.receivedAt,
  configurationSet: mail.configurationSet,
  pool: mail.pool,
  tenant: mail.tenant,
});
