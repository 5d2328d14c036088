import { defined } from '../../base/defined.ts';
import type { Attachment } from '../../mail/mail-content.ts';
import type { Message } from '../message.ts';
import { recipientDomainsOf } from '../message-state.ts';
import type { SendJob } from './queue-body.ts';
import type { QueuedJob } from './queues.ts';

/** Makes the job of a message, with what every job for it says. */
export function jobOf(message: Message, content: SendJob['content']): SendJob {
  const { messageId, tenant, stream, scheduledAtEpochMs, deferredUntilEpochMs } = message;
  return {
    version: 2,
    messageId,
    tenant,
    stream,
    waits: 0,
    content,
    recipientDomains: recipientDomainsOf(message),
    ...defined({ scheduledAtEpochMs, deferredUntilEpochMs }),
  };
}

/**
 * The queue that a job goes to first, with files that came along too: their sizes count towards the same 40
 * MB.
 */
export function workOf(job: SendJob, attachments: readonly Attachment[]): QueuedJob {
  return attachments.some(isToBeFetched)
    ? { queue: 'fetch', job: { version: 2, job, attachments: [...attachments] } }
    : { queue: 'send', job };
}

export const isToBeFetched = ({ url }: Attachment): boolean => url !== undefined;
