import { ContractError, invalidField } from '../../base/contract/errors.ts';
import type { SendRoute } from '../submission.ts';
import { STREAM_HEADER } from './send-stream.ts';

const MAX_BATCH = 100;
const MAX_IDEMPOTENCY_KEY = 256;

/** A request that sends, as it comes in. */
export interface SendInput {
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly route: SendRoute;
}

/** What the headers of a request say about all of its mail. */
interface SendOptions {
  readonly idempotencyKey: string | undefined;
  /** Items of a batch that are wrong are told of, and the others are sent. */
  readonly isPermissive: boolean;
}

/** @throws ContractError 400 or 422 */
export function readSendOptions({ headers, route }: SendInput): SendOptions {
  const idempotencyKey = readIdempotencyKey(headers['idempotency-key']);
  const isPermissive = route === 'batch' && readMode(headers['x-batch-validation']) === 'permissive';
  return { idempotencyKey, isPermissive };
}

/** @throws ContractError 422 */
export function readItems(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw invalidField('A batch must be an array of mails.');
  if (value.length >= 1 && value.length <= MAX_BATCH) return value;
  throw invalidField(`A batch must have 1 to ${MAX_BATCH} mails; this one has ${value.length}.`);
}

/** An item of a permissive batch that is not sent. */
export interface ItemError {
  readonly index: number;
  readonly message: string;
}

export const singleReply = ([id]: readonly string[]) => ({ id });
export const batchReply = (ids: readonly string[]) => ({ data: ids.map((id) => ({ id })) });
export const permissiveReply = (errors: readonly ItemError[]) => (ids: readonly string[]) => ({
  ...batchReply(ids),
  errors,
});

/**
 * Makes the fingerprint. Requests of version 1 had no stream header: what they were remembered by must stay
 * the same.
 */
export function fingerprintOf({ route, body, headers }: SendInput, isPermissive: boolean): string {
  const stream = headers[STREAM_HEADER];
  return [route, isPermissive, body, ...(stream === undefined ? [] : [stream])].join('\n');
}

function readMode(header: string | undefined): 'strict' | 'permissive' {
  if (header === undefined || header === 'strict') return 'strict';
  if (header === 'permissive') return 'permissive';
  throw invalidField('The `x-batch-validation` header must be `strict` or `permissive`.');
}

function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined || (header.length >= 1 && header.length <= MAX_IDEMPOTENCY_KEY)) return header;
  const message = `The idempotency key must have 1 to ${MAX_IDEMPOTENCY_KEY} characters.`;
  throw new ContractError(400, 'invalid_idempotency_key', message);
}
