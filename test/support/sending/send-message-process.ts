import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { startFauxqs } from 'fauxqs';
import { createMessagesTable } from '../../../shared/messages/adapters/messages-table.ts';
import { startDynalite } from '../aws/dynalite.ts';
import { anSqsEvent } from '../aws/lambda-events.ts';
import { aStream } from '../streams/stream-builders.ts';

const SCRIPT = join(import.meta.dirname, 'invoke-send-message.ts');
const BUCKET = 'content';

interface Invocation {
  readonly result: { readonly batchItemFailures: readonly unknown[] };
  readonly maxRssMb: number;
  readonly elapsedMs: number;
}

/** The send-message handler as it stands, in a child process, over real emulators and an SES that takes everything. */
export async function startSendMessageProcess() {
  const dynalite = await startDynalite();
  const fauxqs = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
  fauxqs.createBucket(BUCKET);
  fauxqs.createQueue('send');
  const ses = await startTakingSes();
  const local = `http://127.0.0.1:${fauxqs.port}`;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const s3 = new S3Client({ region: 'us-east-1', endpoint: local, forcePathStyle: true, credentials });
  const dynamoDb = await dynalite.client.config.endpoint?.();

  const environment = {
    ...process.env,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${dynamoDb?.port}`,
    AWS_ENDPOINT_URL_S3: local,
    AWS_ENDPOINT_URL_SQS: local,
    AWS_ENDPOINT_URL_SESV2: ses.url,
    MESSAGES_TABLE_NAME: 'messages',
    CATALOG_TABLE_NAME: 'catalog',
    SUPPRESSIONS_TABLE_NAME: 'suppressions',
    CONTENT_BUCKET_NAME: BUCKET,
    STREAMS: JSON.stringify({
      defaultStream: 'transactional',
      streams: [aStream({ queueUrl: `${local}/000000000000/send` })],
    }),
    PUBLIC_URL: 'https://api.example.com',
    MESSAGE_KEEP_DAYS: '30',
    FUNCTION_TIMEOUT_SECONDS: '120',
  };

  return {
    ses,
    messages: createMessagesTable({
      client: dynalite.client,
      tableName: 'messages',
      catalogTableName: 'catalog',
    }),
    putObject: (key: string, megabytes: number) => putInParts(s3, key, megabytes),
    invoke: (bodies: readonly string[]) => invoke(bodies, environment),
    async stop() {
      s3.destroy();
      ses.close();
      await fauxqs.stop();
      await dynalite.stop();
    },
  };
}

async function invoke(bodies: readonly string[], env: NodeJS.ProcessEnv): Promise<Invocation> {
  const child = spawn(process.execPath, [SCRIPT], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(anSqsEvent(...bodies.map((body) => ({ body })))));
  const lines = (await text(child.stdout)).trimEnd().split('\n');
  return JSON.parse(lines.at(-1) ?? '') as Invocation;
}

/** The emulator takes 11 MB at once. */
async function putInParts(s3: S3Client, Key: string, megabytes: number): Promise<void> {
  const target = { Bucket: BUCKET, Key };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target));
  const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
  for (let left = megabytes; left > 0; left -= 10) {
    const PartNumber = Parts.length + 1;
    const Body = Buffer.alloc(Math.min(left, 10) * 1024 * 1024, 1);
    const { ETag } = await s3.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body }));
    Parts.push({ PartNumber, ETag });
  }
  await s3.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));
}

const SendQuota = { MaxSendRate: 1000, Max24HourSend: -1, SentLast24Hours: 0 };

async function startTakingSes() {
  const mails: { readonly bytes: number }[] = [];
  const server = createServer(async (request, response) => {
    let bytes = 0;
    for await (const chunk of request) bytes += (chunk as Buffer).length;
    response.setHeader('content-type', 'application/json');
    if (request.url === '/v2/email/account') return void response.end(JSON.stringify({ SendQuota }));
    mails.push({ bytes });
    response.end(JSON.stringify({ MessageId: `ses-${mails.length}` }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    mails,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => server.close(),
  };
}
