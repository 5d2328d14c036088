import type { ApiKeyClaims } from '../../access/api-key.ts';
import { requireSender } from '../../access/contract/permissions.ts';
import { ContractError, invalidField, unavailable } from '../../base/contract/errors.ts';
import { parseJson } from '../../base/contract/parse-json.ts';
import { defined } from '../../base/defined.ts';
import type { VerifiedDomain } from '../../domains/ports.ts';
import type { SendRequest } from '../../mail/send-request.ts';
import { STREAM_HEADER } from '../contract/send-stream.ts';
import { senderDomainOf, validateSendRequest } from '../contract/validate-send-request.ts';
import type { AcceptDeps, AcceptInput } from './accept-deps.ts';
import { readScheduledAt } from './scheduled-at.ts';

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

type Validate = (value: unknown) => Promise<SendRequest>;

/** @throws ContractError for the first thing that is wrong; a permissive batch answers for its own items */
export async function readSubmission(
  input: AcceptInput,
  claims: ApiKeyClaims,
  deps: Pick<AcceptDeps, 'settings' | 'sendingDomains' | 'clock' | 'readEnglishTime'>,
): Promise<Submission> {
  const idempotencyKey = readIdempotencyKey(input.headers['idempotency-key']);
  const isPermissive =
    input.route === 'batch' && readMode(input.headers['x-batch-validation']) === 'permissive';
  const validate: Validate = async (value) => {
    const allowsAttachments = input.route === 'single';
    const sendingDomains = await verifiedDomainsOf(value, claims.tenant, deps);
    const { streams } = deps.settings;
    const stream = { requestHeader: input.headers[STREAM_HEADER], keyDefault: claims.stream };
    const rules = { sendingDomains, allowsAttachments, streams, stream };
    const { request, domain, scheduledAt } = validateSendRequest(value, rules);
    requireSender(claims, domain);
    return { ...request, ...(await scheduleOf(scheduledAt, deps)) };
  };

  return {
    ...(await readBody(input, isPermissive, validate)),
    isBatch: input.route === 'batch',
    ...defined({ idempotencyKey }),
    fingerprint: fingerprintOf(input, isPermissive),
  };
}

/** What is due by now is sent as if no time were given. */
async function scheduleOf(
  value: unknown,
  { clock, readEnglishTime }: Pick<AcceptDeps, 'clock' | 'readEnglishTime'>,
): Promise<{ scheduledAtEpochMs?: number }> {
  const nowEpochMs = clock.nowEpochMs();
  const scheduledAtEpochMs = await readScheduledAt(value, { nowEpochMs, readEnglish: readEnglishTime });
  return scheduledAtEpochMs === undefined || scheduledAtEpochMs <= nowEpochMs ? {} : { scheduledAtEpochMs };
}

/** The domain that a mail is from, if it may be. */
async function verifiedDomainsOf(
  value: unknown,
  tenant: string,
  { sendingDomains }: Pick<AcceptDeps, 'sendingDomains'>,
): Promise<readonly VerifiedDomain[]> {
  const name = senderDomainOf(value);
  if (name === undefined) return [];
  try {
    const domain = await sendingDomains.find(tenant, name);
    return domain === undefined ? [] : [domain];
  } catch (cause) {
    throw unavailable('Domains cannot be checked at the moment.', cause);
  }
}

/** Requests of version 1 had no stream header: what they were remembered by must stay the same. */
function fingerprintOf({ route, body, headers }: AcceptInput, isPermissive: boolean): string {
  const stream = headers[STREAM_HEADER];
  return [route, isPermissive, body, ...(stream === undefined ? [] : [stream])].join('\n');
}

async function readBody(input: AcceptInput, isPermissive: boolean, validate: Validate) {
  const value = parseJson(input.body);
  if (input.route === 'single') {
    return { requests: [await validate(value)], replyWith: ([id]: readonly string[]) => ({ id }) };
  }
  const items = readItems(value);
  return isPermissive ? readPermissively(items, validate) : readStrictly(items, validate);
}

/** One after the other: the first that is wrong is the one that is told of. */
async function readStrictly(items: readonly unknown[], validate: Validate) {
  const requests: SendRequest[] = [];
  for (const item of items) requests.push(await validate(item));
  return {
    requests,
    replyWith: (ids: readonly string[]) => ({ data: ids.map((id) => ({ id })) }),
  };
}

async function readPermissively(items: readonly unknown[], validate: Validate) {
  const requests: SendRequest[] = [];
  const errors: { index: number; message: string }[] = [];
  for (const [index, item] of items.entries()) {
    try {
      requests.push(await validate(item));
    } catch (error) {
      if (!(error instanceof ContractError) || !error.permanent) throw error;
      errors.push({ index, message: error.message });
    }
  }
  return { requests, replyWith: (ids: readonly string[]) => ({ data: ids.map((id) => ({ id })), errors }) };
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
