import { join } from 'node:path';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import type { Assembly, HostedResource } from '../ports.ts';
import { createHop, type Hop } from './http-hop.ts';

export interface QueuesAndBuckets {
  readonly hop: Hop;
  close(): Promise<void>;
}

const QUEUE_ATTRIBUTES = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'VisibilityTimeout',
] as const;

/** Starts fauxqs and makes the template's queues and buckets. SNS fan-out is the gateway's, so that it is authorised. */
export async function startQueuesAndBuckets(assembly: Assembly, dataDir?: string): Promise<QueuesAndBuckets> {
  const storage = dataDir === undefined ? {} : { dataDir: join(dataDir, 'fauxqs') };
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false, ...storage });
  const queues = assembly.byType('AWS::SQS::Queue');

  for (const queue of queues) createQueue(server, queue);
  for (const bucket of assembly.byType('AWS::S3::Bucket')) server.createBucket(bucket.physicalId);

  const hop = createHop(`http://127.0.0.1:${server.port}`);
  return {
    hop,
    close: async () => {
      hop.close();
      await server.stop();
    },
  };
}

function createQueue(server: FauxqsServer, { arn, properties }: HostedResource): void {
  const given = QUEUE_ATTRIBUTES.filter((name) => properties[name] !== undefined);
  const attributes: Record<string, string> = Object.fromEntries(
    given.map((name) => [name, String(properties[name])]),
  );
  if (properties.RedrivePolicy) attributes.RedrivePolicy = JSON.stringify(properties.RedrivePolicy);
  server.createQueue(arn?.split(':').at(-1) ?? '', { attributes });
}
