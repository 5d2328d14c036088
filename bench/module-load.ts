import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Part, verdict } from './part.ts';

const LINE_RATIO = 1.3;
const ROUNDS = 15;
const CLIENTS = ['@aws-sdk/client-dynamodb', '@aws-sdk/client-sqs', '@aws-sdk/client-s3'];
const CLIENT_NAMES = ['DynamoDBClient', 'SQSClient', 'S3Client'];

/** Load time of `accept-message`, against a bundle of nothing but its SDK clients. */
export const moduleLoad: Part = {
  title: 'Module load of accept-message',
  async run() {
    const dir = mkdtempSync(join(tmpdir(), 'postlane-bench-'));
    try {
      const bare = await bareClients(dir);
      const ours = join(process.cwd(), 'dist/functions/accept-message/index.js');
      const rounds = Array.from({ length: ROUNDS }, () => [loadMs(bare), loadMs(ours)] as const);
      const bareMs = median(rounds.map(([ms]) => ms));
      const oursMs = median(rounds.map(([, ms]) => ms));
      const ratio = oursMs / bareMs;
      return [
        `${oursMs.toFixed(1)} ms against ${bareMs.toFixed(1)} ms for the bare clients, × ${ratio.toFixed(2)} (line × ${LINE_RATIO}: ${verdict(ratio, LINE_RATIO)})`,
      ];
    } finally {
      rmSync(dir, { recursive: true });
    }
  },
};

async function bareClients(dir: string): Promise<string> {
  const outfile = join(dir, 'bare.cjs');
  const contents = CLIENTS.map(
    (name, index) => `import { ${CLIENT_NAMES[index]} } from '${name}'; new ${CLIENT_NAMES[index]}({});`,
  );
  await build({
    stdin: { contents: contents.join('\n'), resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    mainFields: ['module', 'main'],
    outfile,
  });
  return outfile;
}

/** A fresh process each time: a module loads once. */
function loadMs(file: string): number {
  const script = `const t=performance.now();require(${JSON.stringify(file)});console.log(performance.now()-t)`;
  return Number(execFileSync(process.execPath, ['-e', script], { env: benchEnvironment() }).toString());
}

const STREAMS = {
  defaultStream: 'transactional',
  streams: [
    {
      ...{ name: 'transactional', kind: 'transactional', pool: 'shared', configurationSet: 'transactional' },
      ...{ ratePercent: 100, concurrency: 2, keepDays: 30, suppressionScope: 'account' },
      queueUrl: 'http://127.0.0.1/0/send',
      guard: { bouncePercent: 4, complaintPercent: 0.08 },
    },
  ],
};

/** Environment that the function's parser requires; nothing is called. */
const benchEnvironment = () => ({
  AWS_REGION: 'us-east-1',
  MESSAGES_TABLE_NAME: 'messages',
  CATALOG_TABLE_NAME: 'catalog',
  CONTENT_BUCKET_NAME: 'content',
  STREAMS: JSON.stringify(STREAMS),
  ATTACHMENT_QUEUE_URL: 'http://127.0.0.1/0/attachments',
  SENDING_DOMAINS: 'example.com',
  MESSAGE_KEEP_DAYS: '30',
  POSTLANE_FUNCTION: 'accept-message',
});

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
