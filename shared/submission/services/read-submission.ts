import type { ApiKeyClaims } from '../../access/api-key.ts';
import { requireSender } from '../../access/contract/permissions.ts';
import { ContractError, unavailable } from '../../base/contract/errors.ts';
import { parseJson } from '../../base/contract/parse-json.ts';
import { defined } from '../../base/defined.ts';
import type { VerifiedDomain } from '../../domains/ports.ts';
import type { SendRequest } from '../../mail/send-request.ts';
import {
  batchReply,
  fingerprintOf,
  type ItemError,
  permissiveReply,
  readItems,
  readSendOptions,
  type SendInput,
  singleReply,
} from '../contract/send-body.ts';
import { STREAM_HEADER } from '../contract/send-stream.ts';
import { senderDomainOf, validateSendRequest } from '../contract/validate-send-request.ts';
import type { Submission } from '../submission.ts';
import type { AcceptDeps } from './accept-deps.ts';
import { readScheduledAt } from './scheduled-at.ts';

type Deps = Pick<AcceptDeps, 'settings' | 'sendingDomains' | 'clock' | 'readEnglishTime'>;
type Validate = (value: unknown) => Promise<SendRequest>;
type Body = Pick<Submission, 'requests' | 'replyWith'>;

/** @throws ContractError for the first thing that is wrong; a permissive batch answers for its own items */
export async function readSubmission(
  input: SendInput,
  claims: ApiKeyClaims,
  deps: Deps,
): Promise<Submission> {
  const { idempotencyKey, isPermissive } = readSendOptions(input);
  const body = await readBody(input, isPermissive, createValidate(input, claims, deps));
  return {
    ...body,
    isBatch: input.route === 'batch',
    ...defined({ idempotencyKey }),
    fingerprint: fingerprintOf(input, isPermissive),
  };
}

/** Reads one mail of the request. */
function createValidate({ headers, route }: SendInput, claims: ApiKeyClaims, deps: Deps): Validate {
  const stream = { requestHeader: headers[STREAM_HEADER], keyDefault: claims.stream };
  const rules = { allowsAttachments: route === 'single', streams: deps.settings.streams, stream };
  return async (value) => {
    const sendingDomains = await verifiedDomainsOf(value, claims.tenant, deps);
    const { request, domain, scheduledAt } = validateSendRequest(value, { ...rules, sendingDomains });
    requireSender(claims, domain);
    return { ...request, ...(await scheduleOf(scheduledAt, deps)) };
  };
}

/** Reads the time to send at. Mail that is due by now is sent as if no time were given. */
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

async function readBody(input: SendInput, isPermissive: boolean, validate: Validate): Promise<Body> {
  const value = parseJson(input.body);
  if (input.route === 'single') return { requests: [await validate(value)], replyWith: singleReply };
  const items = readItems(value);
  return isPermissive ? readPermissively(items, validate) : readStrictly(items, validate);
}

/** Reads items one after the other: the first that is wrong is the one that is told of. */
async function readStrictly(items: readonly unknown[], validate: Validate): Promise<Body> {
  const requests: SendRequest[] = [];
  for (const item of items) requests.push(await validate(item));
  return { requests, replyWith: batchReply };
}

async function readPermissively(items: readonly unknown[], validate: Validate): Promise<Body> {
  const requests: SendRequest[] = [];
  const errors: ItemError[] = [];
  for (const [index, item] of items.entries()) {
    try {
      requests.push(await validate(item));
    } catch (error) {
      if (!(error instanceof ContractError) || !error.permanent) throw error;
      errors.push({ index, message: error.message });
    }
  }
  return { requests, replyWith: permissiveReply(errors) };
}
