import { randomUUID } from 'node:crypto';
import type { Clock } from '../host/clock.ts';
import type { InboxMail } from './mail.ts';
import { createMailLabels, type MailLabels } from './mail-labels.ts';
import { createMailStore, type MailStoreLimits, toInboxMail } from './mail-store.ts';
import type { PageOptions } from './page.ts';
import { createInboxRoutes, type LocalRoute } from './routes.ts';
import { listenSmtp } from './smtp-listener.ts';

export interface InboxOptions extends PageOptions {
  readonly clock: Clock;
  /** Default: 10,000 mails and 512 MB; the oldest go first. */
  readonly limits?: MailStoreLimits;
}

export interface Inbox {
  /** Of the SMTP server, on 127.0.0.1. */
  readonly port: number;
  readonly routes: readonly LocalRoute[];
  /** Oldest first; `to` is one envelope recipient in any case. */
  mails(to?: string): readonly InboxMail[];
  /** How the sender says what travels beside a mail; hand it to the deliverer. */
  readonly label: MailLabels['hold'];
  close(): Promise<void>;
}

const LIMITS: MailStoreLimits = { mails: 10_000, bytes: 512 * 1024 * 1024 };
const NO_LABEL = { configurationSet: '', pool: '', tenant: '' };

/** Starts the SMTP server that keeps what it gets. */
export async function startInbox(options: InboxOptions): Promise<Inbox> {
  const store = createMailStore(options.limits ?? LIMITS);
  const labels = createMailLabels();
  const listener = await listenSmtp(({ from, to, bytes }) =>
    store.add({
      id: randomUUID(),
      envelope: { from, to },
      bytes,
      receivedAt: new Date(options.clock.now()).toISOString(),
      ...(labels.find(readSesMessageId(bytes)) ?? NO_LABEL),
    }),
  );

  return {
    port: listener.port,
    routes: createInboxRoutes(store, options),
    mails: (to) => store.list({ to }).map(toInboxMail),
    label: labels.hold,
    close: listener.close,
  };
}

/** SES's id is the local part of the Message-ID it writes; empty for mail from elsewhere. */
function readSesMessageId(bytes: Buffer): string {
  const end = bytes.indexOf('\r\n\r\n');
  const head = bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
  return /^message-id:\s*<([^@>\s]+)@/im.exec(head)?.[1] ?? '';
}
