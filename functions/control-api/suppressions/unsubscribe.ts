import type { SigningKeys } from '../../../shared/access/ports.ts';
import {
  ContractError,
  internalError,
  methodNotAllowed,
  notFound,
  type PageResponse,
} from '../../../shared/base/contract/errors.ts';
import { defined } from '../../../shared/base/defined.ts';
import type { Clock, Ids } from '../../../shared/base/ports.ts';
import type { Message } from '../../../shared/messages/message.ts';
import type { Messages } from '../../../shared/messages/ports.ts';
import { isExpired } from '../../../shared/messages/retention.ts';
import {
  askPage,
  donePage,
  type Subscription,
  withPage,
} from '../../../shared/suppressions/contract/unsubscribe-page.ts';
import type { SuppressionLists } from '../../../shared/suppressions/ports.ts';
import { streamScope } from '../../../shared/suppressions/suppression-scope.ts';
import { UNSUBSCRIBE_PATH } from '../../../shared/suppressions/unsubscribe-headers.ts';
import {
  type UnsubscribeClaims,
  verifyUnsubscribeToken,
} from '../../../shared/suppressions/unsubscribe-token.ts';
import { unsubscribedFact, unsubscriptionOf } from '../../../shared/suppressions/unsubscription.ts';
import { matchRoute, type Route, segmentsOf } from '../router.ts';

interface UnsubscribeDeps {
  readonly messages: Pick<Messages, 'getMessage' | 'appendFact'>;
  readonly suppressions: Pick<SuppressionLists, 'forScope'>;
  readonly signingKeys: SigningKeys;
  readonly ids: Ids;
  readonly clock: Clock;
}

interface PageRequest {
  readonly method: string;
  readonly path: string;
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string>>;
}

type Handler = (claims: UnsubscribeClaims) => Promise<PageResponse>;

/**
 * Where the link of a mail leads (RFC 8058): mail clients POST to it, in any body, and people are asked first. It
 * needs no API key, and can do one thing. Answers undefined for every other path.
 * @throws ContractError as a page, unless JSON is asked for
 */
export function createUnsubscribe(deps: UnsubscribeDeps) {
  const pattern = `${UNSUBSCRIBE_PATH}/**`;
  const routes: readonly Route<Handler>[] = [
    { method: 'GET', pattern, handler: ask(deps) },
    { method: 'HEAD', pattern, handler: ask(deps) },
    { method: 'POST', pattern, handler: unsubscribe(deps) },
  ];

  return async ({ method, path, headers }: PageRequest): Promise<PageResponse | undefined> => {
    const match = matchRoute(routes, method, path);
    if (match.kind === 'unknown') return undefined;
    try {
      if (match.kind === 'wrong-method') throw methodNotAllowed(method, match.allowed);
      return await match.handler(await readClaims(path, deps));
    } catch (error) {
      throw forReader(error, headers.accept);
    }
  };
}

/** Changes nothing: scanners of mail follow its links. */
function ask(deps: UnsubscribeDeps): Handler {
  return async (claims) => askPage(subscriptionOf(claims, await findMail(claims, deps)));
}

/** First what stops the mail, then the fact that tells of it; both are the same when repeated. */
function unsubscribe(deps: UnsubscribeDeps): Handler {
  return async (claims) => {
    const { suppressions, ids, clock } = deps;
    const createdAt = new Date(clock.nowEpochMs()).toISOString();
    const list = suppressions.forScope(streamScope(claims.tenant, claims.stream));
    await list.add(unsubscriptionOf(claims, { suppressionId: ids.next(), createdAt }));

    const message = await findMail(claims, deps);
    if (message !== undefined) await tell(message, claims, createdAt, deps);
    return donePage(subscriptionOf(claims, message));
  };
}

function tell(
  message: Message,
  { address }: UnsubscribeClaims,
  occurredAt: string,
  { messages }: UnsubscribeDeps,
): Promise<boolean> {
  const fact = unsubscribedFact(message, address, occurredAt);
  return messages.appendFact(message.tenant, fact, message.expiresAtEpochSeconds);
}

async function readClaims(path: string, { signingKeys }: UnsubscribeDeps): Promise<UnsubscribeClaims> {
  const token = segmentsOf(path).slice(1).join('/');
  const claims = verifyUnsubscribeToken(token, await signingKeys.current());
  if (claims !== undefined) return claims;
  throw notFound('This link is not complete. Please follow it from the mail again, or copy the whole of it.');
}

/** The mail that carried the link; it is forgotten long before the link is. */
async function findMail(
  { tenant, messageId }: UnsubscribeClaims,
  { messages, clock }: UnsubscribeDeps,
): Promise<Message | undefined> {
  const message = await messages.getMessage(tenant, messageId);
  return message === undefined || isExpired(message, clock.nowEpochMs()) ? undefined : message;
}

const subscriptionOf = (
  { address, stream }: UnsubscribeClaims,
  message: Message | undefined,
): Subscription => ({ address, stream, ...defined({ sender: message?.from }) });

function forReader(error: unknown, accept = ''): ContractError {
  const problem =
    error instanceof ContractError
      ? error
      : internalError('This could not be done at the moment. Please try again in a minute.', error);
  const wantsJson = accept.includes('application/json') && !accept.includes('text/html');
  return wantsJson ? problem : withPage(problem);
}
