/** The part of the local cloud that knows what it hosts here. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BOOTSTRAP_TOKEN_KEY, CATALOG_TABLE, FUNCTION_URL_PATHS } from '../shared/resources.ts';
import type { Assembly, HostedResource } from './src/assembly/assembly.ts';
import { type Progress, runSteps } from './src/assembly/run-steps.ts';
import type { DynamoDbEmulator } from './src/dynamodb/emulator.ts';
import type { Settings } from './src/host/settings.ts';
import type { LocalCloud } from './src/local-cloud.ts';
import type { Product } from './src/product.ts';

const ROOT = join(import.meta.dirname, '..');

/** The discard port: asked there, DNS refuses at once, and nothing of a local run leaves the machine. */
const NO_DNS_SERVER = '127.0.0.1:9';

export const POSTLANE: Product = {
  name: 'Postlane',
  functionNameVariable: 'POSTLANE_FUNCTION',
  functionUrlPaths: FUNCTION_URL_PATHS,
  functionEnvironment: ({ dnsServer = NO_DNS_SERVER }) => ({
    DNS_SERVERS: dnsServer,
    LOCAL_WEBHOOKS: 'allowed',
  }),
  readToken: createTokenReader,
  sampleSender: 'hello@example.com',
};

/**
 * Bundles the functions and writes the cloud assembly to `outDir`. The CDK app itself is run, as `cdk synth` runs
 * it (https://docs.aws.amazon.com/cdk/v2/guide/apps.html): the same assembly without the seconds of the CLI.
 * Rejects with what the failing step printed.
 */
export async function synthesise(outDir: string, progress: Progress = () => {}): Promise<void> {
  const { context = {} } = JSON.parse(await readFile(join(ROOT, 'cdk.json'), 'utf8')) as { context?: object };
  const dist = await mkdtemp(join(tmpdir(), 'postlane-bundles-'));
  const environment = {
    POSTLANE_DIST_DIR: dist,
    CDK_OUTDIR: outDir,
    CDK_CONTEXT_JSON: JSON.stringify(context),
    // An account in the caller's shell would be written into the template, and hosting knows only its own.
    CDK_DEFAULT_ACCOUNT: undefined,
    CDK_DEFAULT_REGION: undefined,
  };
  const steps = [
    { done: 'bundled the functions', script: 'infra/build.ts' },
    { done: 'synthesised the template', script: 'infra/app.ts' },
  ];
  try {
    await runSteps(steps, { root: ROOT, environment, progress });
  } finally {
    await rm(dist, { recursive: true, force: true });
  }
}

/** Text for the terminal once all is hosted: where, and how to send the first mail. */
export function welcome({ url, apiKey }: LocalCloud, { smtpTarget }: Settings, seconds: number): string {
  const mail = {
    from: 'you@example.com',
    to: 'friend@example.org',
    subject: 'Hello',
    html: '<p>It works.</p>',
  };
  const curl = `curl -s ${url}/emails -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: application/json' -d '${JSON.stringify(mail)}'`;
  const script = `import { Resend } from "resend"; console.log(await new Resend("${apiKey}").emails.send(${JSON.stringify(mail)}))`;

  return [
    '',
    `Postlane is ready after ${seconds.toFixed(1)} s.`,
    '',
    `  URL      ${url}`,
    `  API key  ${apiKey}`,
    `  Inbox    ${smtpTarget === undefined ? `${url}/_local/` : `none here: mail goes to ${smtpTarget}`}`,
    '',
    'Send a mail with curl:',
    `  ${curl}`,
    '',
    'or with the Resend SDK, in this folder:',
    `  RESEND_BASE_URL=${url} node --input-type=module -e '${script}'`,
    '',
  ].join('\n');
}

/** Reads the first API key where the deployment left it, past the gateway: it costs nothing and needs no grant. */
function createTokenReader(assembly: Assembly, dynamodb: Pick<DynamoDbEmulator, 'call'>) {
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
