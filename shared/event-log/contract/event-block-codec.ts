import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { eventIdAt, type PublishedEvent } from '../../events/published-event.ts';
import { FINGERPRINT_BYTES, fingerprintOf } from '../event-block.ts';
import { BLOCK_DICTIONARY } from './block-dictionary.ts';
import { packDigits, unpackDigits } from './packed-digits.ts';

/**
 * The body of a block: version (1 byte), how many events (2 bytes), length of the packed digits (4 bytes), a fingerprint of
 * each event, packed digits, and then the events, JSON in zstd with a dictionary. Numbers are big-endian.
 */
const VERSION = 2;
const HEADER_BYTES = 7;

/**
 * Level of compression: higher ones save a twentieth, and take four times as long and more (measured:
 * `docs/decisions/0011-event-log.md`).
 */
const LEVEL = 9;

/**
 * Bytes of a block at most, as JSON. What DynamoDB stores of a mail and of a fact is less than a tenth of it.
 */
const MOST_JSON_BYTES = 8 * 2 ** 20;

/** Bytes that are no block, or one of another version. */
export class UnreadableBlockError extends Error {
  override readonly name = 'UnreadableBlockError';
  readonly permanent = true;
}

/** An event as a block has it: the block is a tenant's, and an id of ours follows from time and fingerprint. */
type StoredEvent = Omit<PublishedEvent, 'tenant' | 'id'> & { readonly id?: string };

/**
 * @param events up to 65,535 of one tenant, which is not part of what is stored; their data as JSON has it
 * @throws RangeError for more than could be read
 */
export function encodeBlock(events: readonly PublishedEvent[]): Uint8Array {
  const json = JSON.stringify(events.map(toStored));
  if (Buffer.byteLength(json) > MOST_JSON_BYTES) throw new RangeError('The events of a block are too large.');
  const { text, digits } = packDigits(json);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(VERSION, 0);
  header.writeUInt16BE(events.length, 1);
  header.writeUInt32BE(digits.length, 3);
  const fingerprints = events.map(({ id }) => Buffer.from(fingerprintOf(id), 'hex'));
  return Buffer.concat([header, ...fingerprints, digits, compress(text)]);
}

/** @throws UnreadableBlockError */
export function decodeBlock(body: Uint8Array, tenant: string): readonly PublishedEvent[] {
  const { fingerprints, digits, events } = partsOf(body);
  try {
    const json = unpackDigits({ text: decompress(events).toString(), digits });
    const stored = JSON.parse(json) as readonly StoredEvent[];
    if (stored.length * FINGERPRINT_BYTES !== fingerprints.length)
      throw new RangeError('Events are missing.');
    return stored.map((event, index) => ({ id: idAt(event, fingerprints, index), ...event, tenant }));
  } catch (cause) {
    throw new UnreadableBlockError('The events of a block cannot be read.', { cause });
  }
}

/**
 * Fingerprints that tell which events a block has, one after the other, without reading them.
 * @throws UnreadableBlockError
 */
export const fingerprintsOf = (body: Uint8Array): Uint8Array => partsOf(body).fingerprints;

function partsOf(body: Uint8Array) {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (bytes[0] !== VERSION || bytes.length < HEADER_BYTES) {
    throw new UnreadableBlockError('The bytes are not a block of a known version.');
  }
  const digitsAt = HEADER_BYTES + bytes.readUInt16BE(1) * FINGERPRINT_BYTES;
  const eventsAt = digitsAt + bytes.readUInt32BE(3);
  return {
    fingerprints: bytes.subarray(HEADER_BYTES, digitsAt),
    digits: bytes.subarray(digitsAt, eventsAt),
    events: bytes.subarray(eventsAt),
  };
}

function toStored({ id, tenant: _tenant, type, createdAt, data, ...marks }: PublishedEvent): StoredEvent {
  const own = id === eventIdAt(Date.parse(createdAt), fingerprintOf(id)) ? {} : { id };
  return { ...own, type, createdAt, ...marks, data };
}

function idAt({ createdAt }: StoredEvent, fingerprints: Buffer, index: number): string {
  const start = index * FINGERPRINT_BYTES;
  return eventIdAt(Date.parse(createdAt), fingerprints.toString('hex', start, start + FINGERPRINT_BYTES));
}

const compress = (text: string): Buffer =>
  zstdCompressSync(text, {
    dictionary: BLOCK_DICTIONARY,
    params: { [constants.ZSTD_c_compressionLevel]: LEVEL, [constants.ZSTD_c_contentSizeFlag]: 0 },
  });

const decompress = (bytes: Buffer): Buffer =>
  zstdDecompressSync(bytes, { dictionary: BLOCK_DICTIONARY, maxOutputLength: MOST_JSON_BYTES });
