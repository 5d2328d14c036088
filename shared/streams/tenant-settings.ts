/** Settings of tenants in postlane.config.ts, where it lets them be. */
export interface TenantSettings {
  /** Recipients a day (UTC) of a tenant for which no other number is set. */
  readonly dailyRecipients?: number;
  readonly guard: { readonly bouncePercent: number; readonly complaintPercent: number };
}
