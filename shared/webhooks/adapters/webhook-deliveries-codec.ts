import { createHash } from 'node:crypto';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import * as z from 'zod/mini';
import { eventTimeOf } from '../../events/published-event.ts';
import type { WebhookAttempt, WebhookDelivery } from '../ports.ts';

/**
 * Quality of the compression. Measured: 25 successes of a second leave 863 bytes, ten attempts with like
 * answers of 1 KB leave 458: one written unit each. Higher levels cost more time than the bytes they save.
 */
const QUALITY = 5;
const MAX_RESPONSE_BYTES = 1024;

type Row = Readonly<Record<string, unknown>>;

const attempt = z.object({
  attemptId: z.string(),
  httpStatusCode: z.number(),
  response: z.string(),
  sentAt: z.string(),
});

/**
 * Every key of deliveries is built here: `<second of the event>#s#<hash>` has successes at the first attempt,
 * `<second>#e#<event id>` one event that failed or was asked for again. Seconds are hexadecimal, of one length until 2106.
 */
export const eventKey = (webhookId: string, eventId: string) => ({
  bucket: bucketOf(webhookId),
  item: `${secondOf(eventId)}#e#${eventId}`,
});

/** Key of successes. It is the same for the same successes: a put whose answer was lost replaces itself. */
export const successesKey = (webhookId: string, second: string, deliveries: string | Uint8Array) => ({
  bucket: bucketOf(webhookId),
  item: `${second}#s#${createHash('sha256').update(deliveries).digest('hex').slice(0, 20)}`,
});

export const bucketOf = (webhookId: string): string => `webhook#${webhookId}`;

export const secondOf = (eventId: string): string =>
  Math.floor(eventTimeOf(eventId) / 1000)
    .toString(16)
    .padStart(8, '0');

export const secondOfItem = ({ item }: Row): string => String(item).split('#', 1)[0] ?? '';

/** Reads the deliveries of an item of either kind. */
export function toDeliveries({ item, state, deliveries }: Row): readonly WebhookDelivery[] {
  const [, kind, id = ''] = String(item).split('#');
  return kind === 'e' ? [parseDelivery(id, state)] : unpackSuccesses(deliveries);
}

/** Version of what an item says of an event that failed or was asked for again; no earlier one is read. */
const VERSION = 2;

const packed = z.union([z.string(), z.instanceof(Uint8Array)]);

const deliveryState = z.object({
  version: z.literal(VERSION),
  type: z.string(),
  createdAt: z.string(),
  state: z.enum(['success', 'pending', 'failed', 'attempting']),
  nextAttemptAt: z.exactOptional(z.string()),
  position: z.object({ partition: z.number(), block: z.number(), index: z.number() }),
  attempts: packed,
});

const attempts = z.array(attempt);

/** An event that failed or was asked for again, as the state of its item. */
export const formatDelivery = ({ eventId: _inTheKey, attempts: tries, ...rest }: WebhookDelivery) => ({
  version: VERSION,
  ...rest,
  attempts: pack(tries.map(withShortResponse)),
});

/** @throws ZodError for what `formatDelivery` has not written */
export function parseDelivery(eventId: string, state: unknown): WebhookDelivery {
  const { version: _version, attempts: tries, ...rest } = deliveryState.parse(state);
  return { eventId, ...rest, attempts: attempts.parse(unpack(tries)) };
}

/**
 * Successes of one second: names are left out, and of times the distance to the event's.
 * `[event id without msg_, type, partition, block, index, [[attempt id, status code, ms after the event], …], createdAt?]`
 */
const success = z.tuple([
  z.string(),
  z.string(),
  z.number(),
  z.number(),
  z.number(),
  z.array(z.tuple([z.string(), z.number(), z.number()])),
  z.optional(z.string()),
]);

const successes = z.array(success);

export const packSuccesses = (deliveries: readonly WebhookDelivery[]): string | Uint8Array =>
  pack(deliveries.map(toSuccess));

const unpackSuccesses = (deliveries: unknown): readonly WebhookDelivery[] =>
  successes.parse(unpack(packed.parse(deliveries))).map(fromSuccess);

function toSuccess({ eventId, type, createdAt, position, attempts: tries }: WebhookDelivery) {
  const { partition, block, index } = position;
  const timeMs = eventTimeOf(eventId);
  const short = tries.map(({ attemptId, httpStatusCode, sentAt }) => [
    attemptId,
    httpStatusCode,
    Date.parse(sentAt) - timeMs,
  ]);
  const own = createdAt === isoOf(timeMs) ? [] : [createdAt];
  return [eventId.slice(ID_PREFIX.length), type, partition, block, index, short, ...own];
}

function fromSuccess([id, type, partition, block, index, short, own]: z.infer<
  typeof success
>): WebhookDelivery {
  const eventId = `${ID_PREFIX}${id}`;
  const timeMs = eventTimeOf(eventId);
  return {
    eventId,
    type,
    createdAt: own ?? isoOf(timeMs),
    state: 'success',
    attempts: short.map(([attemptId, httpStatusCode, afterMs]) => ({
      attemptId,
      httpStatusCode,
      response: '',
      sentAt: isoOf(timeMs + afterMs),
    })),
    position: { partition, block, index },
  };
}

const ID_PREFIX = 'msg_';

const isoOf = (epochMs: number): string => new Date(epochMs).toISOString();

/** JSON, compressed where that is smaller. */
function pack(value: unknown): string | Uint8Array {
  const json = JSON.stringify(value);
  const bytes = brotliCompressSync(json, { params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY } });
  return bytes.length < Buffer.byteLength(json) ? bytes : json;
}

const unpack = (value: string | Uint8Array): unknown =>
  JSON.parse(typeof value === 'string' ? value : brotliDecompressSync(value).toString('utf8'));

/** Shortens a response. A character that is cut in two goes as a whole. */
function withShortResponse({ response, ...rest }: WebhookAttempt): WebhookAttempt {
  const bytes = Buffer.from(response);
  if (bytes.length <= MAX_RESPONSE_BYTES) return { ...rest, response };
  const decoder = new TextDecoder();
  return { ...rest, response: decoder.decode(bytes.subarray(0, MAX_RESPONSE_BYTES), { stream: true }) };
}
