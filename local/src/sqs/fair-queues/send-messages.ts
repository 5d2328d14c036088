import type { HopRequest, HopResponse } from '../../emulators/http-hop.ts';
import { jsonError } from '../../gateway/aws-error.ts';
import { attributesSize } from '../../gateway/metering/units.ts';
import { byteLength, sum } from '../../host/json.ts';
import { isGroupId } from './group-names.ts';
import type { FairHopDeps } from './hop-deps.ts';
import {
  type BatchEntry,
  callWith,
  entriesOf,
  isRefusedBatch,
  mergeAnswers,
  queueNameOf,
  type SqsInput,
} from './wire.ts';

/** SendMessage: to the queue of its group, or to the one it names. */
export async function sendOne(
  { hop, groups, waiting }: FairHopDeps,
  request: HopRequest,
  { MessageGroupId, ...input }: SqsInput,
): Promise<HopResponse> {
  const queue = queueNameOf(input);
  if (MessageGroupId !== undefined && !isGroupId(String(MessageGroupId))) return badGroup(MessageGroupId);
  const response =
    MessageGroupId === undefined
      ? await hop.send(request)
      : await groups.use(queue, String(MessageGroupId), (own) => callWith(hop, request, input, own));
  waiting.wake(queue);
  return response;
}

const badGroup = (group: unknown): HopResponse =>
  jsonError(
    400,
    'InvalidParameterValue',
    `Value ${String(group)} for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );

const MAX_BATCH_BYTES = 1024 * 1024;

const sizeOf = ({ MessageBody, MessageAttributes }: BatchEntry): number =>
  byteLength(MessageBody) + attributesSize(MessageAttributes);

/** SendMessageBatch, in parts by group and answered as one. */
export async function sendBatch(
  deps: FairHopDeps,
  request: HopRequest,
  input: SqsInput,
): Promise<HopResponse> {
  const entries = entriesOf(input);
  const hasGroups = entries.some(({ MessageGroupId }) => MessageGroupId !== undefined);
  const isRefused = isRefusedBatch(entries) || sum(entries.map(sizeOf)) > MAX_BATCH_BYTES;
  const queue = queueNameOf(input);
  const stray = entries.find(({ MessageGroupId: id }) => id !== undefined && !isGroupId(String(id)));
  if (stray && !isRefused) return badGroup(stray.MessageGroupId);

  const response =
    hasGroups && !isRefused
      ? mergeAnswers(entries, await sendParts(deps, request, input, entries))
      : await deps.hop.send(request);
  deps.waiting.wake(queue);
  return response;
}

const sendParts = (
  { hop, groups }: FairHopDeps,
  request: HopRequest,
  input: SqsInput,
  entries: readonly BatchEntry[],
): Promise<HopResponse[]> => {
  const queue = queueNameOf(input);
  const parts = Map.groupBy(entries, ({ MessageGroupId }) => MessageGroupId as string | undefined);
  return Promise.all(
    [...parts].map(([group, part]) => {
      const Entries = part.map(({ MessageGroupId: _group, ...entry }) => entry);
      const send = (own: string) => callWith(hop, request, { ...input, Entries }, own);
      return group === undefined ? send(queue) : groups.use(queue, group, send);
    }),
  );
};
