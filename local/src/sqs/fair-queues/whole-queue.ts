import type { Hop, HopRequest, HopResponse } from '../../emulators/http-hop.ts';
import { sum } from '../../host/json.ts';
import { hiddenName, isHidden } from './group-names.ts';
import type { FairHopDeps } from './hop-deps.ts';
import { forGroup } from './queue-attributes.ts';
import { callWith, queueNameOf, readInput, replyJson, type SqsInput } from './wire.ts';

const COUNTED = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
];

/** GetQueueAttributes of a queue, with all its groups. */
export async function sumAttributes(
  { hop, groups }: FairHopDeps,
  request: HopRequest,
  input: SqsInput,
): Promise<HopResponse> {
  const queue = queueNameOf(input);
  const response = await hop.send(request);
  if (response.status !== 200) return response;
  const own = await Promise.all(
    groups.groupsOf(queue).map((group) => callWith(hop, request, input, hiddenName(queue, group))),
  );
  const all = [response, ...own].map(
    (each) => (readInput(each) as { Attributes?: Record<string, string> }).Attributes ?? {},
  );
  const [attributes = {}] = all;
  const totals = COUNTED.filter((name) => name in attributes).map((name) => [
    name,
    String(sum(all.map((each) => Number(each[name] ?? 0)))),
  ]);
  return replyJson({ Attributes: { ...attributes, ...Object.fromEntries(totals) } });
}

export async function setAttributes(
  { hop, groups, queues }: FairHopDeps,
  request: HopRequest,
  input: SqsInput,
): Promise<HopResponse> {
  const queue = queueNameOf(input);
  const response = await hop.send(request);
  if (response.status !== 200) return response;
  const attributes = (input.Attributes ?? {}) as Record<string, string>;
  for (const group of groups.groupsOf(queue)) {
    const Attributes = forGroup(attributes, group, queues);
    await callWith(hop, request, { ...input, Attributes }, hiddenName(queue, group));
  }
  groups.provideDeadLetters(queue);
  return response;
}

export async function purge(
  { hop, groups }: FairHopDeps,
  request: HopRequest,
  input: SqsInput,
): Promise<HopResponse> {
  const queue = queueNameOf(input);
  const response = await hop.send(request);
  for (const group of groups.groupsOf(queue)) await callWith(hop, request, input, hiddenName(queue, group));
  return response;
}

/** ListQueues without the hidden ones. */
export async function listQueues(hop: Hop, request: HopRequest): Promise<HopResponse> {
  const response = await hop.send(request);
  if (response.status !== 200) return response;
  const { QueueUrls = [], ...rest } = readInput(response) as { QueueUrls?: readonly string[] };
  return replyJson({ ...rest, QueueUrls: QueueUrls.filter((url) => !isHidden(url)) });
}
