/** What SES watches in a mail: an image tells when it is opened, rewritten links when they are followed. */
export interface MailTracking {
  readonly opens: boolean;
  readonly clicks: boolean;
}

/** What a mail says for itself; for the rest its stream and its domain speak. */
export type TrackingChoice = { readonly [Name in keyof MailTracking]?: boolean | null | undefined };

interface TrackingDefaults {
  /** Absent where mail of the stream is never tracked. */
  readonly stream: MailTracking | undefined;
  /** Adds to what the stream says; it cannot take away. */
  readonly domain: MailTracking | undefined;
}

const NEVER: MailTracking = { opens: false, clicks: false };

export const asksForTracking = ({ opens, clicks }: TrackingChoice): boolean =>
  opens === true || clicks === true;

/**
 * What the row of a mail keeps: undefined where its stream alone decides. What the mail has said itself is kept also where
 * the stream says the same: it may say something else by the time that a scheduled mail leaves.
 */
export function chooseTracking(own: TrackingChoice, defaults: TrackingDefaults): MailTracking | undefined {
  const usual = usualTracking(defaults);
  const chosen = { opens: own.opens ?? usual.opens, clicks: own.clicks ?? usual.clicks };
  const saysSomething = typeof own.opens === 'boolean' || typeof own.clicks === 'boolean';
  return saysSomething || !isSame(chosen, defaults.stream ?? NEVER) ? chosen : undefined;
}

/** Of a mail that says nothing. */
const usualTracking = ({ stream, domain = NEVER }: TrackingDefaults): MailTracking =>
  stream === undefined
    ? NEVER
    : { opens: stream.opens || domain.opens, clicks: stream.clicks || domain.clicks };

const isSame = (one: MailTracking, other: MailTracking): boolean =>
  one.opens === other.opens && one.clicks === other.clicks;

/**
 * What SES is told of a mail.
 * @param kept of its row
 * @param stream undefined where mail of its stream is never tracked, and where its stream is gone
 */
export const trackingOf = (kept: MailTracking | undefined, stream: MailTracking | undefined): MailTracking =>
  stream === undefined ? NEVER : (kept ?? stream);
