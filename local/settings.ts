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
