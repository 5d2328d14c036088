/** Rates at which a person should look, or sending stops. AWS reviews an account at 5 % and 0.1 %. */
export interface GuardLines {
  readonly bouncePercent: number;
  readonly complaintPercent: number;
}
