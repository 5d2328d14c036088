/** The mail that a report is about, from our tags and SES's words. */
export interface ReportedMail {
  readonly messageId: string;
  readonly tenant: string;
  readonly attempt: number;
  readonly sesMessageId: string;
  /** Time at which SES took it, by SES's clock. */
  readonly sentAtEpochMs: number;
  /** Recipients that the attempt went to, all of them, normalised. */
  readonly recipients: readonly string[];
}
