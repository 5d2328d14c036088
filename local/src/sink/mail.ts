/** A mail as the SMTP server received it. */
export interface SinkMail {
  readonly id: string;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  /** The full MIME text. */
  readonly raw: string;
  /** ISO 8601, by the local clock. */
  readonly receivedAt: string;
  /** Name; empty where SES was told none, and for mail from elsewhere; so are the pool and the tenant. */
  readonly configurationSet: string;
  readonly pool: string;
  readonly tenant: string;
}
