/** What `npm start` reads of its environment. */
export interface Settings {
  /** 0 takes a free port. */
  readonly port: number;
  readonly apiKey: string;
  readonly assemblyDir?: string;
  /** Where data outlives a run; without it memory of one run. */
  readonly dataDir?: string;
  /** `host:port` that mail is delivered to instead of the inbox. */
  readonly smtpTarget?: string;
  /** `address:port` of the DNS server that domains are checked against; without it every record counts as set. */
  readonly dnsServer?: string;
  /** Recipients per second that the SES stand-in takes; without it more than a machine can send. */
  readonly sesSendRate?: number;
  /** Recipients per 24 hours that the SES stand-in takes. */
  readonly sesDailyQuota?: number;
  /** Shards of every table's stream; one without it. */
  readonly streamShards?: number;
  /** A DynamoDB to use instead of the built-in one; the SDK's own variable names it. */
  readonly dynamoDbEndpoint?: string;
}

const DEFAULT_PORT = '3000';
const DEFAULT_API_KEY = 're_local';

/** Throws with the name of a variable that cannot be meant so. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const optional = (name: string, key: keyof Settings) => {
    const value = environment[name];
    return value ? { [key]: value } : {};
  };
  return {
    port: readPort(environment.PORT || DEFAULT_PORT),
    apiKey: environment.POSTLANE_API_KEY || DEFAULT_API_KEY,
    ...optional('POSTLANE_ASSEMBLY', 'assemblyDir'),
    ...optional('POSTLANE_DATA_DIR', 'dataDir'),
    ...optional('AWS_ENDPOINT_URL_DYNAMODB', 'dynamoDbEndpoint'),
    ...readTarget(environment.POSTLANE_SMTP_TARGET),
    ...readDnsServer(environment.POSTLANE_DNS_SERVER),
    ...readLimit('sesSendRate', 'POSTLANE_SES_SEND_RATE', environment),
    ...readLimit('sesDailyQuota', 'POSTLANE_SES_DAILY_QUOTA', environment),
    ...readShards(environment.POSTLANE_STREAM_SHARDS),
  };
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`PORT must be a number from 0 to 65535, not ${JSON.stringify(text)}`);
}

function readTarget(text: string | undefined): { smtpTarget?: string } {
  if (!text) return {};
  if (/^(\[[0-9a-f:]+\]|[^\s:]+):\d{1,5}$/i.test(text)) return { smtpTarget: text };
  throw new Error(`POSTLANE_SMTP_TARGET must be host:port, not ${JSON.stringify(text)}`);
}

function readDnsServer(text: string | undefined): { dnsServer?: string } {
  if (!text) return {};
  if (/^(\[[0-9a-f:]+\]|\d{1,3}(\.\d{1,3}){3}):\d{1,5}$/i.test(text)) return { dnsServer: text };
  throw new Error(`POSTLANE_DNS_SERVER must be address:port, not ${JSON.stringify(text)}`);
}

const LARGEST_LIMIT = 1_000_000_000;

function readLimit(
  key: 'sesSendRate' | 'sesDailyQuota',
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
): Partial<Settings> {
  const text = environment[name];
  if (!text) return {};
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= LARGEST_LIMIT) return { [key]: limit };
  throw new Error(
    `${name} must be a whole number of recipients from 1 to ${LARGEST_LIMIT}, not ${JSON.stringify(text)}`,
  );
}

const MOST_SHARDS = 16;

function readShards(text: string | undefined): { streamShards?: number } {
  if (!text) return {};
  const streamShards = Number(text);
  if (/^\d+$/.test(text) && streamShards >= 1 && streamShards <= MOST_SHARDS) return { streamShards };
  throw new Error(
    `POSTLANE_STREAM_SHARDS must be a number from 1 to ${MOST_SHARDS}, not ${JSON.stringify(text)}`,
  );
}
