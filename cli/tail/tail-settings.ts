export interface TailSettings {
  /** Base URL, without a slash at its end. */
  readonly url: string;
  readonly key: string;
  /** Query string with its question mark, or empty. */
  readonly query: string;
  /** Cursor to go on from. */
  readonly after: string | undefined;
  readonly isJson: boolean;
  readonly isColoured: boolean;
}

export const USAGE = `npm run tail -- [options]     prints delivery events as they happen

  --url <url>      where the stream is; the output EventStreamUrl of a deployment
                   (RESEND_BASE_URL, else http://127.0.0.1:3000)
  --key <key>      an API key with full access (RESEND_API_KEY, else re_local)
  --type <types>   only these, such as email.bounced,email.complained
  --email <id>     only those of one mail
  --after <cursor> go on from a cursor of GET /event-log
  --json           the events as they come, one a line`;

interface Options {
  readonly url?: string | undefined;
  readonly key?: string | undefined;
  readonly type?: string | undefined;
  readonly email?: string | undefined;
  readonly after?: string | undefined;
  readonly json?: boolean | undefined;
}

/** @throws where the URL is none */
export function readTailSettings(
  { url, key, type, email, after, json }: Options,
  environment: Readonly<Record<string, string | undefined>>,
): TailSettings {
  const base = url ?? environment.RESEND_BASE_URL ?? 'http://127.0.0.1:3000';
  if (!/^https?:\/\/\S+$/.test(base)) throw new Error(`--url must be a URL, not ${base}`);
  const filter = new URLSearchParams({
    ...(type === undefined ? {} : { type }),
    ...(email === undefined ? {} : { email_id: email }),
  });
  return {
    url: base.replace(/(\/event-log\/stream)?\/*$/, ''),
    key: key ?? environment.RESEND_API_KEY ?? environment.POSTLANE_API_KEY ?? 're_local',
    query: filter.size === 0 ? '' : `?${filter}`,
    after,
    isJson: json === true,
    isColoured: environment.NO_COLOR === undefined && process.stdout.isTTY === true,
  };
}
