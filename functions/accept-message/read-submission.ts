import { ContractError, invalidField, malformedRequest } from '../../shared/contract/errors.ts';
import { requireSender } from '../../shared/contract/permissions.ts';
import { validateSendRequest } from '../../shared/contract/send-request.ts';
import type { ApiKeyClaims } from '../../shared/domain/api-key.ts';
import type { SendRequest } from '../../shared/domain/send-request.ts';
import type { AcceptInput, AcceptSettings } from './accept-message.ts';

const MAX_BATCH = 100;
const MAX_IDEMPOTENCY_KEY = 256;

/** A request that has been read and found good, as far as it is. */
export interface Submission {
  readonly requests: readonly SendRequest[];
  readonly isBatch: boolean;
  readonly idempotencyKey?: string;
  /** What makes two requests of one key the same. */
  readonly fingerprint: string;
  /** The body of the answer, once every request has its id. */
  readonly replyWith: (messageIds: readonly string[]) => object;
}

type Validate = (value: unknown) => SendRequest;

/** @throws ContractError for the first thing that is wrong; a permissive batch answers for its own items */
export function readSubmission(
  input: AcceptInput,
  claims: ApiKeyClaims,
  settings: AcceptSettings,
): Submission {
  const idempotencyKey = readIdempotencyKey(input.headers['idempotency-key']);
  const isPermissive =
    input.route === 'batch' && readMode(input.headers['x-batch-validation']) === 'permissive';
  const validate: Validate = (value) => {
    const allowsAttachments = input.route === 'single';
    const { sendingDomains } = settings;
    const { request, domain } = validateSendRequest(value, { sendingDomains, allowsAttachments });
    requireSender(claims, domain);
    return request;
  };

  return {
    ...readBody(input, isPermissive, validate),
    isBatch: input.route === 'batch',
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    fingerprint: [input.route, isPermissive, input.body].join('\n'),
  };
}

function readBody(input: AcceptInput, isPermissive: boolean, validate: Validate) {
  const value = parseJson(input.body);
  if (input.route === 'single') {
    return { requests: [validate(value)], replyWith: ([id]: readonly string[]) => ({ id }) };
  }
  const items = readItems(value);
  return isPermissive ? readPermissively(items, validate) : readStrictly(items, validate);
}

function readStrictly(items: readonly unknown[], validate: Validate) {
  return {
    requests: items.map((item) => validate(item)),
    replyWith: (ids: readonly string[]) => ({ data: ids.map((id) => ({ id })) }),
  };
}

function readPermissively(items: readonly unknown[], validate: Validate) {
  const requests: SendRequest[] = [];
  const errors: { index: number; message: string }[] = [];
  for (const [index, item] of items.entries()) {
    try {
      requests.push(validate(item));
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      errors.push({ index, message: error.message });
    }
  }
  return { requests, replyWith: (ids: readonly string[]) => ({ data: ids.map((id) => ({ id })), errors }) };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw malformedRequest('The request body is not valid JSON.');
  }
}

function readItems(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw invalidField('A batch must be an array of mails.');
  if (value.length >= 1 && value.length <= MAX_BATCH) return value;
  throw invalidField(`A batch must have 1 to ${MAX_BATCH} mails; this one has ${value.length}.`);
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
