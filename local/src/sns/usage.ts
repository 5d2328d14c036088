import { attributesSize, type BilledUnits, toChunks } from '../gateway/metering/units.ts';
import { asList, asRecord, byteLength, sum } from '../host/json.ts';

/** Chunks of a publish; deliveries to SQS and Lambda are free. https://aws.amazon.com/sns/pricing/ */
export function snsUsage(operation: string, request: unknown): readonly BilledUnits[] {
  const call = asRecord(request);
  const entries =
    operation === 'PublishBatch' ? asList(call.PublishBatchRequestEntries).map(asRecord) : [call];
  const sizes = entries.map((entry) => byteLength(entry.Message) + attributesSize(entry.MessageAttributes));
  return [{ units: toChunks(sum(sizes)), unit: '64KB chunk' }];
}
