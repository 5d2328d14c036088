import { lookup } from 'node:dns/promises';
import { Readable } from 'node:stream';
import SMTPPool from 'nodemailer/lib/smtp-pool';
import { parseSmtpReply, type SmtpReply } from './smtp-reply.ts';

/** One SMTP transaction: the recipients of one domain. */
interface Transaction {
  readonly sesMessageId: string;
  readonly mailFrom: string;
  readonly recipients: readonly string[];
  readonly mime: Buffer;
  readonly configurationSet: string;
  readonly pool: string;
  readonly tenant: string;
}

export type RecipientOutcome =
  | { readonly kind: 'accepted'; readonly recipient: string; readonly reply: SmtpReply }
  | { readonly kind: 'refused'; readonly recipient: string; readonly reply: SmtpReply }
  | { readonly kind: 'deferred'; readonly recipient: string; readonly reply: SmtpReply };

export interface Deliverer {
  /** Makes one attempt. Never rejects: a connection that fails defers every recipient. */
  transmit(transaction: Transaction): Promise<readonly RecipientOutcome[]>;
  /** Address of the server mail goes to, for `delivery.remoteMtaIp`. */
  remoteIp(): Promise<string>;
  close(): void;
}

interface DelivererOptions {
  readonly host: string;
  readonly port: number;
  /** Labels what travels beside the mail while a transaction runs; answers with the function that ends it. */
  readonly label?: (
    sesMessageId: string,
    label: Pick<Transaction, 'configurationSet' | 'pool' | 'tenant'>,
  ) => () => void;
}

const CONNECTIONS = 8;
/**
 * Idle time of a connection, below the 60 s after which common servers hang up, so that no mail meets a dying
 * connection.
 */
const IDLE_MS = 20_000;

/** Delivers over pooled SMTP connections to one server. */
export function createDeliverer({ host, port, label }: DelivererOptions): Deliverer {
  const pool = new SMTPPool({
    host,
    port,
    name: 'smtp-out.amazonses.com',
    ignoreTLS: true,
    maxConnections: CONNECTIONS,
    maxMessages: Number.MAX_SAFE_INTEGER,
    // A lost connection is a deferral that the caller retries and reports, not one the pool hides.
    maxRequeues: 0,
    idleTimeout: IDLE_MS,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 60_000,
  });
  let ip: Promise<string> | undefined;

  return {
    transmit: async (transaction) => {
      const release = label?.(transaction.sesMessageId, transaction);
      try {
        return toOutcomes(transaction.recipients, await sendThrough(pool, transaction));
      } finally {
        release?.();
      }
    },
    remoteIp: () => {
      ip ??= lookup(host).then(
        ({ address }) => address,
        () => host,
      );
      return ip;
    },
    close: () => pool.close({ force: true }),
  };
}

/** Report of nodemailer about a transaction, of its success and its error alike. */
interface SendReport {
  readonly accepted?: readonly string[];
  readonly response?: string | undefined;
  readonly responseCode?: number | undefined;
  readonly code?: string | undefined;
  readonly rejectedErrors?: readonly { readonly recipient?: string; readonly response?: string }[];
}

/** The pool takes a composed mail by these members; the envelope goes out exactly as given. */
function sendThrough(pool: SMTPPool, transaction: Transaction): Promise<SendReport> {
  const message = {
    getEnvelope: () => ({ from: transaction.mailFrom, to: [...transaction.recipients] }),
    messageId: () => transaction.sesMessageId,
    getHeader: () => transaction.sesMessageId,
    createReadStream: () => Readable.from([transaction.mime], { objectMode: false }),
  };
  const mail = { data: {}, message } as unknown as Parameters<SMTPPool['send']>[0];

  return new Promise((resolve) =>
    pool.send(mail, (error: unknown, info: unknown) => resolve((error ?? info) as SendReport)),
  );
}

function toOutcomes(recipients: readonly string[], report: SendReport): readonly RecipientOutcome[] {
  const accepted = new Set(report.accepted ?? []);
  const refusals = new Map(
    (report.rejectedErrors ?? []).map(({ recipient, response }) => [recipient, response]),
  );

  return recipients.map((recipient): RecipientOutcome => {
    if (accepted.has(recipient))
      return { kind: 'accepted', recipient, reply: parseSmtpReply(report.response) };

    const reply = parseSmtpReply(refusals.get(recipient) ?? refusalOfAll(report));
    return { kind: isPermanent(reply) ? 'refused' : 'deferred', recipient, reply };
  });
}

/**
 * Reply that refuses all recipients. Only a reply to the mail itself speaks about them; a failed connection
 * or greeting is no answer.
 */
function refusalOfAll({ code, response }: SendReport): string | undefined {
  if (code !== 'EENVELOPE' && code !== 'EMESSAGE') return undefined;
  return response ?? TOO_LARGE;
}

/** nodemailer itself stops a mail over the SIZE that the server announced. */
const TOO_LARGE = '552 5.3.4 Message size exceeds fixed limit';

const isPermanent = ({ code }: SmtpReply) => code >= 500;
