import type { Hop, HopRequest, HopResponse } from '../../emulators/http-hop.ts';
import { createKeyLocks } from '../../host/key-locks.ts';
import { hiddenName, readHandle, toHandle } from './group-names.ts';
import type { GroupQueues } from './group-queues.ts';
import { planReceive } from './plan-receive.ts';
import type { Waiting } from './waiting.ts';
import { callWith, queueNameOf, readInput, replyJson, type SqsInput } from './wire.ts';

interface ReceiveDeps {
  readonly hop: Hop;
  readonly groups: GroupQueues;
  readonly waiting: Waiting;
  readonly isFair: () => boolean;
  /** Wait time of a queue for a call that names none. */
  readonly defaultWaitSeconds: (queue: string) => number;
}

interface Message {
  readonly ReceiptHandle: string;
  readonly Attributes?: Readonly<Record<string, string>>;
}

/** ReceiveMessage from the groups of a queue, in the order that fairness gives them. */
export function createReceive(deps: ReceiveDeps) {
  const withKeys = createKeyLocks();

  return async (request: HopRequest, input: SqsInput): Promise<HopResponse> => {
    if (isRefused(input)) return deps.hop.send(request);
    const queue = queueNameOf(input);
    const waitSeconds = Number(input.WaitTimeSeconds ?? deps.defaultWaitSeconds(queue));
    const deadline = performance.now() + waitSeconds * 1000;

    for (;;) {
      const messages = await withKeys([queue], () => takeOnce(deps, request, input, queue));
      if (messages.length > 0) return replyJson({ Messages: messages });
      const leftMs = deadline - performance.now();
      if (leftMs <= 0 || deps.waiting.isClosed()) return replyJson({});
      await deps.waiting.pause(queue, leftMs);
    }
  };
}

const isBetween = (value: unknown, least: number, most: number): boolean =>
  value === undefined || (Number(value) >= least && Number(value) <= most);

/** Tells whether the emulator refuses the input, in its words. */
const isRefused = ({ MaxNumberOfMessages, WaitTimeSeconds, VisibilityTimeout }: SqsInput): boolean =>
  !isBetween(MaxNumberOfMessages, 1, 10) ||
  !isBetween(WaitTimeSeconds, 0, 20) ||
  !isBetween(VisibilityTimeout, 0, 43_200);

async function takeOnce(
  { hop, groups, isFair }: ReceiveDeps,
  request: HopRequest,
  input: SqsInput,
  queue: string,
): Promise<readonly Message[]> {
  const now = Date.now();
  groups.removeIdle(now);
  const states = groups.statesOf(queue, now);
  const picks = planReceive(states, Number(input.MaxNumberOfMessages ?? 1), isFair(), now);
  const counts = Map.groupBy(picks, (group) => group);

  const taken = new Map(
    await Promise.all(
      [...counts].map(async ([group, { length }]) => {
        const wanted = { ...input, MaxNumberOfMessages: length, WaitTimeSeconds: 0 };
        const response = await callWith(hop, request, wanted, hiddenName(queue, group));
        const { Messages = [] } = readInput(response) as { Messages?: readonly Message[] };
        return [group, Messages.map((message) => withGroup(message, group, input))] as const;
      }),
    ),
  );
  const time = groups.processingOf(queue);
  for (const [group, messages] of taken)
    for (const { ReceiptHandle } of messages) time.begin(readHandle(ReceiptHandle).handle, group, now);
  return inOrder(picks, taken);
}

/** Puts messages in the planned order. Fewer than planned come where some went to the dead-letter queue. */
function inOrder(
  picks: readonly (string | undefined)[],
  taken: ReadonlyMap<string | undefined, readonly Message[]>,
): readonly Message[] {
  const given = new Map<string | undefined, number>();
  return picks.flatMap((group) => {
    const at = given.get(group) ?? 0;
    given.set(group, at + 1);
    const message = taken.get(group)?.[at];
    return message ? [message] : [];
  });
}

function withGroup(message: Message, group: string | undefined, input: SqsInput): Message {
  if (group === undefined) return message;
  const ReceiptHandle = toHandle(group, message.ReceiptHandle);
  const names = [input.AttributeNames, input.MessageSystemAttributeNames].flat();
  const isAsked = names.includes('All') || names.includes('MessageGroupId');
  if (!isAsked) return { ...message, ReceiptHandle };
  return { ...message, ReceiptHandle, Attributes: { ...message.Attributes, MessageGroupId: group } };
}
