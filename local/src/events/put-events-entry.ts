import { parseJson } from '../host/json.ts';

/** One entry of a PutEvents request, as the wire carries it. */
export interface PutEventsEntry {
  readonly Source?: string;
  readonly DetailType?: string;
  readonly Detail?: string;
  readonly EventBusName?: string;
  /** Epoch seconds. */
  readonly Time?: number;
  readonly Resources?: readonly string[];
}

interface EntryRefusal {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

const REQUIRED = ['Source', 'DetailType', 'Detail'] as const;

/**
 * Reason why EventBridge does not take an entry.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
 */
export function refuseEntry(entry: PutEventsEntry): EntryRefusal | undefined {
  const missing = REQUIRED.find((name) => !entry[name]);
  if (missing !== undefined)
    return refusal(
      'InvalidArgument',
      `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`,
    );
  if (entry.Source?.startsWith('aws.'))
    return refusal('NotAuthorizedForSourceException', 'Not authorized for the source.');
  return readDetail(entry) === undefined ? refusal('MalformedDetail', 'Detail is malformed.') : undefined;
}

const refusal = (ErrorCode: string, ErrorMessage: string): EntryRefusal => ({ ErrorCode, ErrorMessage });

/** Reads the detail of an entry; undefined for what is no JSON object. */
function readDetail({ Detail = '' }: PutEventsEntry): object | undefined {
  const detail = parseJson(Detail);
  return typeof detail === 'object' && detail !== null && !Array.isArray(detail) ? detail : undefined;
}

const TIME_BYTES = 14;

/** Size of an entry in bytes. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
export function entryBytes({ Source, DetailType, Detail, Time, Resources = [] }: PutEventsEntry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0);
  return bytes + (Time === undefined ? 0 : TIME_BYTES);
}

interface EventOrigin {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly nowMs: number;
}

/** The event as targets get it. */
export function toBusEvent(entry: PutEventsEntry, { id, account, region, nowMs }: EventOrigin): object {
  const timeMs = entry.Time === undefined ? nowMs : entry.Time * 1000;
  return {
    ...{ version: '0', id, 'detail-type': entry.DetailType, source: entry.Source, account },
    time: new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    ...{ region, resources: entry.Resources ?? [], detail: readDetail(entry) },
  };
}
