import { decodeContent } from '../../shared/contract/message-content.ts';
import type { FetchJob, SendJob } from '../../shared/contract/queue-body.ts';
import { CONTENT_PREFIXES } from '../../shared/contract/resources.ts';
import type { Attachment, Message, MessageContent } from '../../shared/domain/message.ts';
import type { Messages, Objects } from '../../shared/domain/ports.ts';

export interface FindJobDeps {
  readonly messages: Pick<Messages, 'getContent'>;
  readonly objects: Pick<Objects, 'get' | 'sizeOf'>;
}

/** What to put into which queue. */
export type FoundJob =
  | { readonly queue: 'send'; readonly job: SendJob }
  | { readonly queue: 'fetch'; readonly job: FetchJob };

/**
 * The job of a message, made again from what is stored of it: content in the table or else in the bucket, where accept
 * has put it, and files that have been fetched since.
 * @returns undefined where no content is kept
 */
export async function findJob(message: Message, deps: FindJobDeps): Promise<FoundJob | undefined> {
  const found = await findContent(message.messageId, deps);
  if (found === undefined) return undefined;
  const { messageId, tenant, stream } = message;
  const job: SendJob = { version: 1, messageId, tenant, stream, waits: 0, content: found.carried };
  const { attachments } = found.content;
  const toFetch = attachments.filter(({ url }) => url !== undefined);
  if (toFetch.length === 0) return { queue: 'send', job };
  const fetched = await findFetched(toFetch, deps);
  return fetched === undefined
    ? { queue: 'fetch', job: { version: 1, job, attachments: [...attachments] } }
    : { queue: 'send', job: { ...job, fetched } };
}

async function findContent(
  messageId: string,
  { messages, objects }: FindJobDeps,
): Promise<{ content: MessageContent; carried: SendJob['content'] } | undefined> {
  const content = await messages.getContent(messageId);
  if (content !== undefined) return { content, carried: { kind: 'table' } };
  const objectKey = `${CONTENT_PREFIXES.bodies}${messageId}`;
  const body = await objects.get(objectKey);
  return body && { content: decodeContent(body), carried: { kind: 'object', objectKey } };
}

/** All of them, as `fetch-attachments` would have reported them; undefined while one is missing. */
async function findFetched(
  attachments: readonly Attachment[],
  { objects }: FindJobDeps,
): Promise<Attachment[] | undefined> {
  const sizes = await Promise.all(attachments.map(({ objectKey }) => objects.sizeOf(objectKey)));
  const fetched = attachments.flatMap(({ url: _url, ...attachment }, index) => {
    const sizeBytes = sizes[index];
    return sizeBytes === undefined ? [] : [{ ...attachment, sizeBytes }];
  });
  return fetched.length === attachments.length ? fetched : undefined;
}
