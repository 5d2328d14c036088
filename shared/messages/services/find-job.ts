import type { Attachment, MessageContent } from '../../mail/mail-content.ts';
import { bodyKeyOf } from '../contract/content-keys.ts';
import { decodeContent } from '../contract/message-content.ts';
import type { SendJob } from '../contract/queue-body.ts';
import type { QueuedJob } from '../contract/queues.ts';
import { isToBeFetched, jobOf, workOf } from '../contract/send-work.ts';
import type { Message } from '../message.ts';
import type { Messages, Objects } from '../ports.ts';

export interface FindJobDeps {
  readonly messages: Pick<Messages, 'getContent'>;
  readonly objects: Pick<Objects, 'get' | 'sizeOf'>;
}

/**
 * The job of a message, made again from what is stored of it: content in the table or else in the bucket, where accept
 * has put it, and files that have been fetched since.
 * @returns undefined where no content is kept
 */
export async function findJob(message: Message, deps: FindJobDeps): Promise<QueuedJob | undefined> {
  const found = await findContent(message, deps);
  if (found === undefined) return undefined;
  const job: SendJob = jobOf(message, found.carried);
  const { attachments } = found.content;
  const work = workOf(job, attachments);
  if (work.queue === 'send') return work;
  const fetched = await findFetched(attachments.filter(isToBeFetched), deps);
  return fetched === undefined ? work : { queue: 'send', job: { ...job, fetched } };
}

/** Finds content and how a job carries it; undefined where none is kept. */
export async function findContent(
  message: Message,
  { messages, objects }: { messages: FindJobDeps['messages']; objects: Pick<Objects, 'get'> },
): Promise<{ content: MessageContent; carried: SendJob['content'] } | undefined> {
  const content = await messages.getContent(message.messageId);
  if (content !== undefined) return { content, carried: { kind: 'table' } };
  const objectKey = bodyKeyOf(message);
  const body = await objects.get(objectKey);
  return body && { content: decodeContent(body), carried: { kind: 'object', objectKey } };
}

/** Finds all files, as `fetch-attachments` would have reported them; undefined while one is missing. */
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
