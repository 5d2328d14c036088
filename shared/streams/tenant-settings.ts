/** What postlane.config.ts says of tenants, where it lets them be. */
export interface TenantSettings {
  /** Recipients a day (UTC) of a tenant that nothing else is said of. */
  readonly dailyRecipients?: number;
  readonly guard: { readonly bouncePercent: number; readonly complaintPercent: number };
}
