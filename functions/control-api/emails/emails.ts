import { listObject, readPage, requireOwnCursor, withLimit } from '../../../shared/base/contract/page.ts';
import { readUuid } from '../../../shared/base/contract/uuid.ts';
import { emailItem, emailObject } from '../../../shared/messages/contract/email-object.ts';
import { messageState } from '../../../shared/messages/message-state.ts';
import { type Answer, type ApiRoute, ok, param } from '../call.ts';
import { attachmentRoutes } from './attachments.ts';
import { cancelEmail } from './cancel-email.ts';
import type { EmailDeps } from './email-deps.ts';
import { readContent } from './read-content.ts';
import { requireTimeline } from './require-email.ts';
import { rescheduleEmail } from './reschedule-email.ts';

export function emailRoutes(deps: EmailDeps): readonly ApiRoute[] {
  return [
    { method: 'GET', pattern: '/emails', handler: listEmails(deps) },
    { method: 'GET', pattern: '/emails/{id}', handler: showEmail(deps) },
    { method: 'PATCH', pattern: '/emails/{id}', handler: rescheduleEmail(deps) },
    { method: 'POST', pattern: '/emails/{id}/cancel', handler: cancelEmail(deps) },
    ...attachmentRoutes(deps),
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
