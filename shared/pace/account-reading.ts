/** Reading of what SES said about the account (`GetAccount`), counted in recipients. */
export interface AccountReading {
  readonly maxSendRate: number;
  /** Recipients in 24 hours; -1 where there is no limit. */
  readonly max24HourSend: number;
  readonly sentLast24Hours: number;
  readonly readAtEpochMs: number;
  /** True if SES warms up new dedicated addresses by a plan of its own. */
  readonly isAutoWarmUpOn?: boolean;
}
