import { notFound } from '../../../shared/base/contract/errors.ts';
import { listObject, readPage, requireOwnCursor, withLimit } from '../../../shared/base/contract/page.ts';
import { isOwnId, readUuid } from '../../../shared/base/contract/uuid.ts';
import type { Clock } from '../../../shared/base/ports.ts';
import { emailItem, emailObject } from '../../../shared/messages/contract/email-object.ts';
import type { Message } from '../../../shared/messages/message.ts';
import { messageState } from '../../../shared/messages/message-state.ts';
import type { Messages } from '../../../shared/messages/ports.ts';
import { type Answer, type ApiRoute, ok, param } from '../call.ts';
import { type ContentDeps, readContent } from './read-content.ts';

export interface EmailDeps extends ContentDeps {
  readonly messages: Pick<Messages, 'listMessages' | 'getTimeline' | 'getContent'>;
  readonly clock: Clock;
  /** Of SES: it is part of the `Message-ID` that SES gives a mail. */
  readonly region: string;
}

export function emailRoutes(deps: EmailDeps): readonly ApiRoute[] {
  return [
    { method: 'GET', pattern: '/emails', handler: listEmails(deps) },
    { method: 'GET', pattern: '/emails/{id}', handler: showEmail(deps) },
  ];
}

function listEmails({ messages, clock, region }: EmailDeps): Answer {
  return async ({ claims, query }) => {
    const page = readPage(query);
    requireOwnCursor(page, 'an email');

    const found = await messages.listMessages(claims.tenant, withLimit(page));

    const nowEpochMs = clock.nowEpochMs();
    const items = found.messages.map(({ message, facts }) =>
      emailItem(message, messageState({ message, facts, nowEpochMs }), region),
    );
    return ok(listObject(items, found.hasMore));
  };
}

function showEmail(deps: EmailDeps): Answer {
  return async (call) => {
    const id = readUuid(param(call, 'id'), 'id');

    const { message, facts } = await requireTimeline(deps, call.claims.tenant, id);
    const content = await readContent(message, deps);

    const state = messageState({ message, facts, nowEpochMs: deps.clock.nowEpochMs() });
    return ok(emailObject(message, state, content, deps.region));
  };
}

/** @throws ContractError 404 also for a row that has expired and only waits to be removed */
export async function requireTimeline(
  { messages, clock }: Pick<EmailDeps, 'messages' | 'clock'>,
  tenant: string,
  id: string,
) {
  const timeline = isOwnId(id) ? await messages.getTimeline(tenant, id) : undefined;
  if (timeline === undefined || isExpired(timeline.message, clock)) throw notFound('Email not found');
  return timeline;
}

export const isExpired = ({ expiresAtEpochSeconds }: Message, clock: Clock): boolean =>
  expiresAtEpochSeconds * 1000 <= clock.nowEpochMs();
