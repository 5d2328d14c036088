import type { FauxqsServer } from 'fauxqs';
import type { Assembly, HostedResource } from '../assembly/assembly.ts';
import type { Fauxqs } from '../emulators/fauxqs.ts';
import type { Hop } from '../emulators/http-hop.ts';
import { type Fairness, openFairQueues } from './fair-queues/fair-queues.ts';
import { correctMessageCharacters } from './message-characters.ts';

/** Number of messages that a queue holds, by what they wait for. */
export interface QueueDepth {
  readonly name: string;
  readonly ready: number;
  readonly delayed: number;
  readonly inFlight: number;
}

export interface Queues {
  /** SQS with fair queues; its `close` ends the receives that wait. */
  readonly hop: Hop;
  readonly fairness: Fairness;
  depths(): readonly QueueDepth[];
  /** Puts a message past the gateway; false where there is no such queue. */
  enqueue(queueName: string, body: string): boolean;
}

const QUEUE_ATTRIBUTES = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'VisibilityTimeout',
] as const;

/** Makes the template's queues. Throws for FIFO queues, which are not hosted. Fan-out of SNS is the gateway's, so that it is authorised. */
export async function openQueues(assembly: Assembly, { server, hop }: Fauxqs): Promise<Queues> {
  await correctMessageCharacters();
  const queues = assembly.byType('AWS::SQS::Queue');
  for (const queue of queues) assertStandard(queue);
  for (const queue of queues) await provideQueue(server, hop, queue);
  const names = new Set(queues.map(nameOf));
  const fair = await openFairQueues(server, hop, names);

  return {
    hop: fair.hop,
    fairness: fair.fairness,
    depths: () => [...names].map((name) => depthOf(server, name, fair.sourcesOf(name))),
    enqueue: (name, body) => {
      const isThere = names.has(name);
      if (isThere) server.sendMessage(name, body);
      fair.wake(name);
      return isThere;
    },
  };
}

const nameOf = ({ arn }: HostedResource): string => arn?.split(':').at(-1) ?? '';

function depthOf(server: FauxqsServer, name: string, sources: readonly string[]): QueueDepth {
  const messages = sources.flatMap((source) => server.inspectQueue(source)?.messages ?? []);
  const count = (state: 'ready' | 'delayed' | 'inflight') =>
    messages.reduce((total, each) => total + each[state].length, 0);
  return { name, ready: count('ready'), delayed: count('delayed'), inFlight: count('inflight') };
}

/** Creating a queue again would drop its messages: one of an earlier run only takes the template's attributes. */
async function provideQueue(server: FauxqsServer, hop: Hop, queue: HostedResource): Promise<void> {
  const name = nameOf(queue);
  const attributes = attributesOf(queue);
  if (server.inspectQueue(name) === undefined) return void server.createQueue(name, { attributes });
  const { status, body } = await hop.send({
    method: 'POST',
    path: '/',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.SetQueueAttributes',
    },
    body: Buffer.from(JSON.stringify({ QueueUrl: queue.physicalId, Attributes: attributes })),
  });
  if (status !== 200) throw new Error(`${queue.logicalId} cannot be changed: ${body.toString('utf8')}`);
}

const FIFO = ['FifoQueue', 'ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit'];

function assertStandard({ logicalId, properties }: HostedResource): void {
  const stray = FIFO.find((name) => String(properties[name] ?? false) !== 'false');
  if (stray !== undefined) throw new Error(`The local cloud does not host ${stray} of ${logicalId}`);
}

function attributesOf({ properties }: HostedResource): Record<string, string> {
  const given = QUEUE_ATTRIBUTES.filter((name) => properties[name] !== undefined);
  const attributes: Record<string, string> = Object.fromEntries(
    given.map((name) => [name, String(properties[name])]),
  );
  if (properties.RedrivePolicy) attributes.RedrivePolicy = JSON.stringify(properties.RedrivePolicy);
  return attributes;
}
