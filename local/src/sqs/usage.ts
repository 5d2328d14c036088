import { attributesSize, type BilledUnits, toChunks } from '../gateway/metering/units.ts';
import { asList, asRecord, byteLength, type Json, sum } from '../host/json.ts';

interface SqsCall {
  readonly operation: string;
  readonly request: unknown;
  readonly response: unknown;
}

/**
 * Requests of one SQS call, a batch being one request of up to 64 KB. Sends with a MessageGroupId carry the
 * surcharge of fair queues. https://aws.amazon.com/sqs/pricing/
 */
export function sqsUsage({ operation, request, response }: SqsCall): readonly BilledUnits[] {
  const { Entries } = asRecord(request);
  const { Messages } = asRecord(response);
  if (operation === 'SendMessage') return sendUnits([asRecord(request)]);
  if (operation === 'SendMessageBatch') return sendUnits(asList(Entries).map(asRecord));
  if (operation === 'ReceiveMessage') return receiveUnits(asList(Messages).map(asRecord));
  return [{ units: 1, unit: '64KB chunk' }];
}

function sendUnits(entries: readonly Json[]): readonly BilledUnits[] {
  const sizes = entries.map((entry) => messageSize(entry.MessageBody, entry.MessageAttributes));
  const units = toChunks(sum(sizes));
  const hasGroup = entries.some(({ MessageGroupId }) => typeof MessageGroupId === 'string');
  return [{ units, unit: '64KB chunk' }, ...(hasGroup ? [{ units, unit: 'fair surcharge' }] : [])];
}

function receiveUnits(messages: readonly Json[]): readonly BilledUnits[] {
  if (messages.length === 0) return [{ units: 1, unit: 'empty receive' }];
  const sizes = messages.map((message) => messageSize(message.Body, message.MessageAttributes));
  return [{ units: toChunks(sum(sizes)), unit: '64KB chunk' }];
}

const messageSize = (body: unknown, attributes: unknown): number =>
  byteLength(body) + attributesSize(attributes);
