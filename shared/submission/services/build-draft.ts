import type { SendRequest } from '../../mail/send-request.ts';
import { type Draft, type DraftOrigin, draftOf } from '../contract/draft.ts';
import type { AcceptDeps } from './accept-deps.ts';

export async function buildDraft(
  request: SendRequest,
  origin: DraftOrigin,
  { settings, ids, htmlToText }: Pick<AcceptDeps, 'settings' | 'ids' | 'htmlToText'>,
): Promise<Draft> {
  const { keepDays } = settings.streams.byName(request.stream);
  const attachmentIds = request.attachments.map(() => ids.next());
  const text = await textOf(request, htmlToText);
  return draftOf(request, origin, {
    text,
    attachmentIds,
    keepDays,
    messageKeepDays: settings.messageKeepDays,
  });
}

async function textOf(
  { html, text, derivesText }: SendRequest,
  htmlToText: AcceptDeps['htmlToText'],
): Promise<string | undefined> {
  const derived = derivesText && html !== undefined ? await htmlToText(html) : '';
  return text ?? (derived.trim() === '' ? undefined : derived);
}
