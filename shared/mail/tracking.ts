/** Tracking of a mail by SES: an image tells when it is opened, rewritten links when they are followed. */
export interface MailTracking {
  readonly opens: boolean;
  readonly clicks: boolean;
}

/** Choice that a mail makes for itself; for the rest its stream and its domain speak. */
export type TrackingChoice = { readonly [Name in keyof MailTracking]?: boolean | null | undefined };

interface TrackingDefaults {
  /** Tracking of the stream; absent where its mail is never tracked. */
  readonly stream: MailTracking | undefined;
  /** Tracking of the domain, which adds to what the stream says; it cannot take away. */
  readonly domain: MailTracking | undefined;
}

const NEVER: MailTracking = { opens: false, clicks: false };

export const asksForTracking = ({ opens, clicks }: TrackingChoice): boolean =>
  opens === true || clicks === true;

/**
 * Tracking that the row of a mail keeps: undefined where its stream alone decides. What the mail has said
 * itself is kept also where the stream says the same: it may say something else by the time that a scheduled
 * mail leaves.
 */
export function chooseTracking(own: TrackingChoice, defaults: TrackingDefaults): MailTracking | undefined {
  const usual = usualTracking(defaults);
  const chosen = { opens: own.opens ?? usual.opens, clicks: own.clicks ?? usual.clicks };
  const saysSomething = typeof own.opens === 'boolean' || typeof own.clicks === 'boolean';
  return saysSomething || !isSame(chosen, defaults.stream ?? NEVER) ? chosen : undefined;
}

/** Tracking of a mail that says nothing. */
const usualTracking = ({ stream, domain = NEVER }: TrackingDefaults): MailTracking =>
  stream === undefined
    ? NEVER
    : { opens: stream.opens || domain.opens, clicks: stream.clicks || domain.clicks };

const isSame = (one: MailTracking, other: MailTracking): boolean =>
  one.opens === other.opens && one.clicks === other.clicks;

/**
 * Tracking that SES is told of a mail.
 * @param kept of its row
 * @param stream undefined where mail of its stream is never tracked, and where its stream is gone
 */
export const trackingOf = (kept: MailTracking | undefined, stream: MailTracking | undefined): MailTracking =>
  stream === undefined ? NEVER : (kept ?? stream);
