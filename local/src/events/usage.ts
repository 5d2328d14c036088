import { type BilledUnits, toChunks } from '../gateway/metering/units.ts';
import { asList, asRecord, byteLength, type Json, sum } from '../host/json.ts';

/** EventBridge counts 14 bytes for the time of an event. */
const EVENT_TIME_BYTES = 14;

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
