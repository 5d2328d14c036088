import type { Hop, HopRequest, HopResponse } from '../../emulators/http-hop.ts';
import { byHandle, byHandles } from './by-handle.ts';
import type { FairHopDeps } from './hop-deps.ts';
import { sendBatch, sendOne } from './send-messages.ts';
import { listQueues, purge, setAttributes, sumAttributes } from './whole-queue.ts';
import { operationOf, readInput, type SqsInput } from './wire.ts';

type Handle = (request: HopRequest, input: SqsInput) => Promise<HopResponse>;

/** The emulator's SQS with message groups, which it drops itself. */
export function createFairHop(deps: FairHopDeps): Hop {
  const handlers: Readonly<Record<string, Handle>> = {
    SendMessage: (request, input) => sendOne(deps, request, input),
    SendMessageBatch: (request, input) => sendBatch(deps, request, input),
    ReceiveMessage: deps.receive,
    DeleteMessage: (request, input) => byHandle(deps, request, input),
    ChangeMessageVisibility: (request, input) => byHandle(deps, request, input),
    DeleteMessageBatch: (request, input) => byHandles(deps, request, input),
    ChangeMessageVisibilityBatch: (request, input) => byHandles(deps, request, input),
    GetQueueAttributes: (request, input) => sumAttributes(deps, request, input),
    SetQueueAttributes: (request, input) => setAttributes(deps, request, input),
    PurgeQueue: (request, input) => purge(deps, request, input),
    ListQueues: (request) => listQueues(deps.hop, request),
  };

  return {
    close: () => deps.waiting.close(),
    send: (request) => {
      const handle = handlers[operationOf(request) ?? ''];
      const input = readInput(request);
      return handle ? handle(request, input) : deps.hop.send(request);
    },
  };
}
