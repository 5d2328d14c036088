/** The mail that a report is about, from our tags and SES's words. */
export interface ReportedMail {
  readonly messageId: string;
  readonly tenant: string;
  readonly attempt: number;
  readonly sesMessageId: string;
  /** By SES's clock. */
  readonly sentAtEpochMs: number;
  /** All that the attempt went to, normalised. */
  readonly recipients: readonly string[];
}
