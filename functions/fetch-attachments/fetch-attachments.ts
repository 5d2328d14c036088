import { fetchedContentType, type RemoteFiles, roomBeside } from '../../shared/guarded-http/remote-file.ts';
import { encodedLength } from '../../shared/mail/mail-attachment.ts';
import type { Attachment } from '../../shared/mail/mail-content.ts';
import type { FetchJob, SendJob } from '../../shared/messages/contract/queue-body.ts';
import type { SendQueue } from '../../shared/messages/contract/queues.ts';
import type { Objects } from '../../shared/messages/ports.ts';
import { MAX_RECEIVE_COUNT } from '../../shared/resources.ts';

export interface FetchAttachmentsDeps {
  readonly files: RemoteFiles;
  readonly objects: Pick<Objects, 'put'>;
  readonly sendQueue: Pick<SendQueue, 'enqueue'>;
  /** Aborts when the time for one message is over. */
  readonly timeLimit: () => AbortSignal;
}

/**
 * Error that a server did not answer, or asked to come back later; the queue's visibility time-out is the
 * back-off.
 */
class AttachmentNotFetchedYetError extends Error {
  override readonly name = 'AttachmentNotFetchedYetError';
  readonly permanent = false;
}

type Fetched =
  | { readonly kind: 'stored'; readonly attachment: Attachment }
  | { readonly kind: 'failed'; readonly permanent: boolean; readonly reason: string };

/** Longest name that is stored. A message row has 1 KB for its whole life, and a filename may be long. */
const MAX_NAME_LENGTH = 60;

/**
 * Stores what has to be fetched for one message, one file at a time, and queues its job: with the files, or with the
 * reason why there is nothing to send. Throws where a later delivery of the same record may do better.
 */
export function createFetchAttachments({ files, objects, sendQueue, timeLimit }: FetchAttachmentsDeps) {
  return async (fetchJob: FetchJob, { receiveCount }: { readonly receiveCount: number }): Promise<void> => {
    const signal = timeLimit();
    const fetched: Attachment[] = [];
    let encodedBytes = encodedSizeOfStored(fetchJob);

    for (const attachment of fetchJob.attachments) {
      if (attachment.url === undefined) continue;
      const limits = { maxBytes: roomBeside(encodedBytes), signal };
      const outcome = await fetchOne(attachment, attachment.url, limits);
      if (outcome.kind === 'failed') return fail(fetchJob.job, outcome, receiveCount);
      fetched.push(outcome.attachment);
      encodedBytes += encodedLength(outcome.attachment.sizeBytes ?? 0);
    }

    await sendQueue.enqueue({ ...fetchJob.job, fetched });
  };

  async function fetchOne(
    attachment: Attachment,
    url: string,
    limits: { maxBytes: number; signal: AbortSignal },
  ): Promise<Fetched> {
    const outcome = await files.fetch(url, limits);
    if (outcome.kind === 'failed') return { ...outcome, reason: failureReason(attachment, outcome.reason) };
    const contentType = fetchedContentType(attachment, outcome.contentType);
    await objects.put(attachment.objectKey, outcome.body, contentType);
    const { url: _fetchedFrom, ...stored } = attachment;
    return {
      kind: 'stored',
      attachment: { ...stored, contentType, sizeBytes: outcome.body.byteLength },
    };
  }

  async function fail(
    job: SendJob,
    { permanent, reason }: { permanent: boolean; reason: string },
    receiveCount: number,
  ) {
    if (!permanent && receiveCount < MAX_RECEIVE_COUNT) throw new AttachmentNotFetchedYetError(reason);
    await sendQueue.enqueue({ ...job, content: { kind: 'unavailable', reason } });
  }
}

/** Size of what the message already carries, as far as its job says: files that came with the request. */
function encodedSizeOfStored({ job, attachments }: FetchJob): number {
  const inline = job.content.kind === 'inline' ? job.content.content.attachments : [];
  const stored = [...attachments, ...inline].filter(({ url }) => url === undefined);
  const sizes = new Map(stored.map(({ attachmentId, sizeBytes }) => [attachmentId, sizeBytes ?? 0]));
  return [...sizes.values()].reduce((total, size) => total + encodedLength(size), 0);
}

function failureReason({ filename }: Attachment, reason: string): string {
  return `attachment_not_fetched: ${filename.slice(0, MAX_NAME_LENGTH)}: ${reason}`;
}
