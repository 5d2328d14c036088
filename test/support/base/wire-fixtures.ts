import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

const FOLDER = join(import.meta.dirname, '../../fixtures/wire');

/** What a version before this one has written, and what is to be read of it. */
export interface WireFixture<Read> {
  readonly item: Record<string, AttributeValue>;
  readonly read: Read;
}

/** Of `test/fixtures/wire/`, whose files are never changed: what is stored stays as it is. Bytes are base64. */
export const readWireRow = <Read>(name: string): WireFixture<Read> =>
  readWire(name, (key, value) =>
    key === 'B' && typeof value === 'string' ? Uint8Array.from(Buffer.from(value, 'base64')) : value,
  );

export const readWire = <Body>(name: string, revive?: (key: string, value: unknown) => unknown): Body =>
  JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'), revive);
