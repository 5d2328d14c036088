import { asList, asRecord, byteLength, type Json, sum } from './json.ts';
import { attributesSize, type BilledUnits, BYTES_PER_GB, toChunks } from './units.ts';

/** EventBridge counts 14 bytes for the time of an event. */
const EVENT_TIME_BYTES = 14;

/** Chunks of a publish; deliveries to SQS and Lambda are free. https://aws.amazon.com/sns/pricing/ */
export function snsUsage(operation: string, request: unknown): readonly BilledUnits[] {
  const call = asRecord(request);
  const entries =
    operation === 'PublishBatch' ? asList(call.PublishBatchRequestEntries).map(asRecord) : [call];
  const sizes = entries.map((entry) => byteLength(entry.Message) + attributesSize(entry.MessageAttributes));
  return [{ units: toChunks(sum(sizes)), unit: '64KB chunk' }];
}

/** The request class of an S3 operation: PUT, COPY, POST and LIST cost alike. https://aws.amazon.com/s3/pricing/ */
export function s3Usage(operation: string): readonly BilledUnits[] {
  return [{ units: 1, unit: requestClassOf(operation) }];
}

function requestClassOf(operation: string): 'PUT' | 'GET' | 'DELETE' {
  if (/^(Delete|Abort)/.test(operation)) return 'DELETE';
  return /^(Get|Head|Select)/.test(operation) ? 'GET' : 'PUT';
}

/** Events a service puts are free on the default bus; one of our own costs each begun 64 KB, once it is taken. */
export function eventsUsage(operation: string, request: unknown, response: unknown): readonly BilledUnits[] {
  if (operation !== 'PutEvents') return [];
  const results = asList(asRecord(response).Entries).map(asRecord);
  const entries = asList(asRecord(request).Entries)
    .map(asRecord)
    .filter((_entry, index) => results[index]?.ErrorCode === undefined);
  const own = entries.filter((entry) => !isAwsEvent(entry));
  const free = entries.length - own.length;
  return [
    ...(own.length > 0 ? [{ units: sum(own.map(eventChunks)), unit: '64KB chunk' }] : []),
    ...(free > 0 ? [{ units: free, unit: 'AWS event' }] : []),
  ];
}

const isAwsEvent = ({ Source }: Json): boolean => String(Source).startsWith('aws.');

function eventChunks({ Time, Source, DetailType, Detail, Resources }: Json): number {
  const texts = [Source, DetailType, Detail, ...asList(Resources)];
  return toChunks(sum(texts.map(byteLength)) + (Time === undefined ? 0 : EVENT_TIME_BYTES));
}

/** Recipients and attached bytes of a SendEmail; other operations are free. https://aws.amazon.com/ses/pricing/ */
export function sesUsage(operation: string, request: unknown): readonly BilledUnits[] {
  if (operation !== 'SendEmail') return [];
  const { Destination, Content } = asRecord(request);
  const attached = attachedBytes(asRecord(Content));
  return [
    { units: countRecipients(asRecord(Destination)), unit: 'recipient' },
    ...(attached > 0 ? [{ units: attached / BYTES_PER_GB, unit: 'attachment GB' }] : []),
  ];
}

const countRecipients = ({ ToAddresses, CcAddresses, BccAddresses }: Json): number =>
  sum([ToAddresses, CcAddresses, BccAddresses].map((addresses) => asList(addresses).length));

function attachedBytes({ Simple, Template }: Json): number {
  const attachments = [Simple, Template].flatMap((content) => asList(asRecord(content).Attachments));
  return sum(attachments.map((attachment) => decodedLength(asRecord(attachment).RawContent)));
}

const decodedLength = (base64: unknown): number =>
  typeof base64 === 'string' ? Buffer.byteLength(base64, 'base64') : 0;
