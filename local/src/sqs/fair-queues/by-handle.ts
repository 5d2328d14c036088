import type { HopRequest, HopResponse } from '../../emulators/http-hop.ts';
import { hiddenName, readHandle } from './group-names.ts';
import type { FairHopDeps } from './hop-deps.ts';
import { callWith, entriesOf, isRefusedBatch, mergeAnswers, queueNameOf, type SqsInput } from './wire.ts';

/**
 * Visibility that stands for 0. With a data folder the emulator loses a message at 0 (fauxqs 2.4.1); a
 * millisecond it keeps.
 */
const AT_ONCE_SECONDS = 0.001;

/** Finds where the message of a receipt handle is now, and the input as the emulator knows it. */
function settle({ groups }: FairHopDeps, queue: string, input: SqsInput) {
  const { handle, group } = readHandle(String(input.ReceiptHandle ?? ''));
  const isGivenBack = input.VisibilityTimeout === 0;
  // A longer visibility leaves the message in the consumer's hands.
  if (input.VisibilityTimeout === undefined || isGivenBack)
    groups.processingOf(queue).end(handle, Date.now());
  const isThere = group !== undefined && groups.groupsOf(queue).includes(group);
  return {
    own: hiddenName(queue, isThere ? group : undefined),
    input: {
      ...input,
      ...(input.ReceiptHandle !== undefined && { ReceiptHandle: handle }),
      ...(isGivenBack && { VisibilityTimeout: AT_ONCE_SECONDS }),
    },
  };
}

/** A call about one received message. */
export async function byHandle(
  deps: FairHopDeps,
  request: HopRequest,
  input: SqsInput,
): Promise<HopResponse> {
  const queue = queueNameOf(input);
  const settled = settle(deps, queue, input);
  const response = await callWith(deps.hop, request, settled.input, settled.own);
  deps.waiting.wake(queue);
  return response;
}

/** A batch of such calls, in parts by group and answered as one. */
export async function byHandles(
  deps: FairHopDeps,
  request: HopRequest,
  input: SqsInput,
): Promise<HopResponse> {
  const entries = entriesOf(input);
  if (isRefusedBatch(entries)) return deps.hop.send(request);
  const queue = queueNameOf(input);
  const settled = entries.map((entry) => settle(deps, queue, entry));
  const parts = Map.groupBy(settled, ({ own }) => own);
  const responses = await Promise.all(
    [...parts].map(([own, part]) =>
      callWith(deps.hop, request, { ...input, Entries: part.map((each) => each.input) }, own),
    ),
  );
  deps.waiting.wake(queue);
  return mergeAnswers(entries, responses);
}
