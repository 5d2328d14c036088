import type { FauxqsServer } from 'fauxqs';
import type { Hop } from '../../emulators/http-hop.ts';
import { hiddenName } from './group-names.ts';
import { createGroupQueues } from './group-queues.ts';
import { createFairHop } from './hop.ts';
import { forGroup } from './queue-attributes.ts';
import { createReceive } from './receive.ts';
import { createWaiting } from './waiting.ts';
import { readInput } from './wire.ts';

interface FairQueues {
  /** SQS with fair queues; its `close` ends the receives that wait. */
  readonly hop: Hop;
  readonly fairness: Fairness;
  /** The queue itself and its groups' queues, by the names that the emulator knows. */
  sourcesOf(queue: string): readonly string[];
  wake(queue: string): void;
}

/** A switch for comparison; SQS has none. */
export interface Fairness {
  isEnabled(): boolean;
  enable(isEnabled: boolean): void;
}

/**
 * Fair-queue selection by MessageGroupId over an emulator without it: each group has a queue of its own beside the
 * template's, hidden from callers. All of a message's fate (visibility, receive count, redrive, retention) stays the
 * emulator's.
 */
export async function openFairQueues(
  server: FauxqsServer,
  hop: Hop,
  queues: ReadonlySet<string>,
): Promise<FairQueues> {
  const groups = createGroupQueues(server, queues, await listQueues(hop), Date.now());
  const waiting = createWaiting();
  let isFair = true;
  const receive = createReceive({
    ...{ hop, groups, waiting },
    isFair: () => isFair,
    defaultWaitSeconds: (queue) =>
      Number(server.inspectQueue(queue)?.attributes.ReceiveMessageWaitTimeSeconds ?? 0),
  });
  for (const queue of queues) {
    for (const group of groups.groupsOf(queue)) {
      const Attributes = forGroup(server.inspectQueue(queue)?.attributes ?? {}, group, queues);
      await call(hop, 'SetQueueAttributes', { QueueUrl: `/${hiddenName(queue, group)}`, Attributes });
    }
    groups.provideDeadLetters(queue);
  }

  return {
    hop: createFairHop({ hop, groups, waiting, receive, queues }),
    fairness: {
      isEnabled: () => isFair,
      enable: (isEnabled) => {
        isFair = isEnabled;
      },
    },
    sourcesOf: (queue) => [queue, ...groups.groupsOf(queue).map((group) => hiddenName(queue, group))],
    wake: waiting.wake,
  };
}

const listQueues = async (hop: Hop): Promise<readonly string[]> => {
  const { QueueUrls = [] } = (await call(hop, 'ListQueues', {})) as { QueueUrls?: readonly string[] };
  return QueueUrls.map((url) => url.split('/').at(-1) ?? '');
};

async function call(hop: Hop, operation: string, input: object): Promise<unknown> {
  const response = await hop.send({
    method: 'POST',
    path: '/',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` },
    body: Buffer.from(JSON.stringify(input)),
  });
  if (response.status !== 200) throw new Error(`${operation} answered ${response.body.toString('utf8')}`);
  return readInput(response);
}
