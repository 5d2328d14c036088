/** Settings that `npm start` reads from its environment. */
export interface Settings {
  /** Port to listen on; 0 takes a free one. */
  readonly port: number;
  readonly apiKey: string;
  readonly assemblyDir?: string;
  /** Folder in which data outlives a run; without it memory of one run. */
  readonly dataDir?: string;
  /** `host:port` that mail is delivered to instead of the sink. */
  readonly smtpTarget?: string;
  /** `address:port` of the DNS server that domains are checked against; without it every record counts as set. */
  readonly dnsServer?: string;
  /** Recipients per second that the SES stand-in takes; without it more than a machine can send. */
  readonly sesSendRate?: number;
  /** Recipients per 24 hours that the SES stand-in takes. */
  readonly sesDailyQuota?: number;
  /** Shards of every table's stream; one without it. */
  readonly tableStreamShards?: number;
  /** A DynamoDB to use instead of the built-in one; the SDK's own variable names it. */
  readonly dynamoDbEndpoint?: string;
}
