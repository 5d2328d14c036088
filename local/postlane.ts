import { BOOTSTRAP_TOKEN_KEY, CATALOG_TABLE } from '../shared/resources.ts';
import type { Assembly, HostedResource } from './src/assembly/assembly.ts';
import type { DynamoDbEmulator } from './src/dynamodb/emulator.ts';
import type { Settings } from './src/host/settings.ts';

/** Reads the first API key where the deployment left it, past the gateway: it costs nothing and needs no grant. */
export function createTokenReader(assembly: Assembly, dynamodb: Pick<DynamoDbEmulator, 'call'>) {
  const table = assembly.byType('AWS::DynamoDB::Table').find(isCatalog);
  const { collection, item } = BOOTSTRAP_TOKEN_KEY;

  return async (): Promise<string | undefined> => {
    if (!table) return undefined;
    const { Item } = await dynamodb.call<{ Item?: { token?: { S?: string } } }>('GetItem', {
      TableName: table.physicalId,
      Key: { [CATALOG_TABLE.partitionKey]: { S: collection }, [CATALOG_TABLE.sortKey]: { S: item } },
      ConsistentRead: true,
    });
    return Item?.token?.S;
  };
}

function isCatalog({ properties }: HostedResource): boolean {
  const keys = properties.KeySchema as { AttributeName: string }[];
  return keys.some(({ AttributeName }) => AttributeName === CATALOG_TABLE.partitionKey);
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

function readShards(text: string | undefined): { tableStreamShards?: number } {
  if (!text) return {};
  const tableStreamShards = Number(text);
  if (/^\d+$/.test(text) && tableStreamShards >= 1 && tableStreamShards <= MOST_SHARDS)
    return { tableStreamShards };
  throw new Error(
    `POSTLANE_STREAM_SHARDS must be a number from 1 to ${MOST_SHARDS}, not ${JSON.stringify(text)}`,
  );
}
