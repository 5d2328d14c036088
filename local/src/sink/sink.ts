import { randomUUID } from 'node:crypto';
import type { Clock } from '../host/clock.ts';
import type { LocalRoute } from '../host/local-routes.ts';
import type { SinkMail } from './mail.ts';
import { createMailLabels, type MailLabels } from './mail-labels.ts';
import { createMailStore, type MailStoreLimits, toSinkMail } from './mail-store.ts';
import { loadPage, type PageOptions } from './page.ts';
import { createSinkRoutes } from './routes.ts';
import { listenSmtp } from './smtp-listener.ts';

export interface SinkOptions extends PageOptions {
  readonly clock: Clock;
  /** Limits of what is kept; default: 10,000 mails and 512 MB; the oldest go first. */
  readonly limits?: MailStoreLimits;
}

export interface Sink {
  /** Port of the SMTP server, on 127.0.0.1. */
  readonly port: number;
  readonly routes: readonly LocalRoute[];
  /** Lists mails, oldest first; `to` is one envelope recipient in any case. */
  mails(to?: string): readonly SinkMail[];
  /** Keeps what the sender says beside a mail; hand it to the deliverer. */
  readonly label: MailLabels['hold'];
  close(): Promise<void>;
}

const LIMITS: MailStoreLimits = { mails: 10_000, bytes: 512 * 1024 * 1024 };
const NO_LABEL = { configurationSet: '', pool: '', tenant: '' };

/** Starts the SMTP server that keeps what it gets. */
export async function startSink(options: SinkOptions): Promise<Sink> {
  const page = await loadPage(options);
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
    routes: createSinkRoutes(store, page),
    mails: (to) => store.list({ to }).map(toSinkMail),
    label: labels.hold,
    close: listener.close,
  };
}

/** Reads SES's id, the local part of the Message-ID it writes; empty for mail from elsewhere. */
function readSesMessageId(bytes: Buffer): string {
  const end = bytes.indexOf('\r\n\r\n');
  const head = bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
  return /^message-id:\s*<([^@>\s]+)@/im.exec(head)?.[1] ?? '';
}
