import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import type { PublishedEvent } from '../../events/published-event.ts';
import { FINGERPRINT_BYTES, fingerprintOf } from '../event-block.ts';
import { type EventColumns, fromColumns, toColumns } from './event-columns.ts';
import { createPackedReader, createPackedWriter } from './packed-ids.ts';

/**
 * The body of a block: version (1 byte), how many events (2 bytes), length of the packed ids (4 bytes), a fingerprint of
 * each event, packed ids, and then the columns, JSON in brotli. Numbers are big-endian.
 */
const VERSION = 1;
const HEADER_BYTES = 7;

/** Measured on 100 events: 0.2 ms. The highest level leaves a tenth less of the columns, and takes fifty times as long. */
const QUALITY = 5;

/** Bytes that are no block, or one of a version that comes after this one. */
export class UnreadableBlockError extends Error {
  override readonly name = 'UnreadableBlockError';
  readonly permanent = true;
}

/** @param events up to 65,535 of one tenant, which is not part of what is stored; their data as JSON has it */
export function encodeBlock(events: readonly PublishedEvent[]): Uint8Array {
  const ids = createPackedWriter();
  const columns = toColumns(events, ids);
  const packed = ids.bytes();
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(VERSION, 0);
  header.writeUInt16BE(events.length, 1);
  header.writeUInt32BE(packed.length, 3);
  const fingerprints = events.map(({ id }) => Buffer.from(fingerprintOf(id), 'hex'));
  return Buffer.concat([header, ...fingerprints, packed, compress(JSON.stringify(columns))]);
}

/** @throws UnreadableBlockError */
export function decodeBlock(body: Uint8Array, tenant: string): readonly PublishedEvent[] {
  const { fingerprints, packed, columns } = partsOf(body);
  try {
    const hashes = createPackedReader(fingerprints);
    return fromColumns(
      JSON.parse(brotliDecompressSync(columns).toString()) as EventColumns,
      tenant,
      Array.from({ length: fingerprints.length / FINGERPRINT_BYTES }, () => hashes.hex(FINGERPRINT_BYTES)),
      createPackedReader(packed),
    );
  } catch (cause) {
    throw new UnreadableBlockError('The columns of a block cannot be read.', { cause });
  }
}

/**
 * What tells which events a block has, one after the other, without reading them.
 * @throws UnreadableBlockError
 */
export const fingerprintsOf = (body: Uint8Array): Uint8Array => partsOf(body).fingerprints;

function partsOf(body: Uint8Array) {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (bytes[0] !== VERSION || bytes.length < HEADER_BYTES) {
    throw new UnreadableBlockError('The bytes are not a block of a known version.');
  }
  const packedAt = HEADER_BYTES + bytes.readUInt16BE(1) * FINGERPRINT_BYTES;
  const columnsAt = packedAt + bytes.readUInt32BE(3);
  return {
    fingerprints: bytes.subarray(HEADER_BYTES, packedAt),
    packed: bytes.subarray(packedAt, columnsAt),
    columns: bytes.subarray(columnsAt),
  };
}

function compress(json: string): Uint8Array {
  const bytes = Buffer.from(json);
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: QUALITY,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
}
