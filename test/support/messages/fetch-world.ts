import {
  createFetchAttachments,
  type FetchAttachmentsDeps,
} from '../../../functions/fetch-attachments/fetch-attachments.ts';
import type { FetchOutcome } from '../../../shared/guarded-http/remote-file.ts';
import type { Attachment } from '../../../shared/mail/mail-content.ts';
import type { FetchJob, SendJob } from '../../../shared/messages/contract/queue-body.ts';

export const FETCHED_MESSAGE_ID = '01a207d9-2100-7abc-8def-0123456789ab';

export function buildAttachment(overrides: Partial<Attachment> = {}): Attachment {
  const attachmentId = overrides.attachmentId ?? 'attachment-1';
  return {
    attachmentId,
    filename: 'invoice.pdf',
    contentType: 'application/pdf',
    objectKey: `fetched/${FETCHED_MESSAGE_ID}/${attachmentId}`,
    url: `https://files.test/${attachmentId}`,
    ...overrides,
  };
}

export function buildFetchJob(
  attachments: readonly Attachment[],
  overrides: Partial<SendJob> = {},
): FetchJob {
  const content = { headers: {}, text: 'hello', attachments: [...attachments] };
  const job: SendJob = {
    version: 2,
    messageId: FETCHED_MESSAGE_ID,
    tenant: 'default',
    stream: 'transactional',
    recipientDomains: ['example.net'],
    waits: 0,
    content: { kind: 'inline', content },
    ...overrides,
  };
  return { version: 2, job, attachments: [...attachments] };
}

interface FetchWorld {
  readonly fetch: ReturnType<typeof createFetchAttachments>;
  readonly asked: readonly { readonly url: string; readonly maxBytes: number }[];
  readonly objects: ReadonlyMap<string, { readonly body: Uint8Array; readonly contentType: string }>;
  readonly queued: readonly SendJob[];
}

/** Files answer by URL; everything that is stored and queued is remembered. */
export function createFetchWorld(
  files: Readonly<Record<string, FetchOutcome>>,
  overrides: Partial<FetchAttachmentsDeps> = {},
): FetchWorld {
  const asked: { url: string; maxBytes: number }[] = [];
  const objects = new Map<string, { body: Uint8Array; contentType: string }>();
  const queued: SendJob[] = [];
  const fetch = createFetchAttachments({
    files: {
      async fetch(url, { maxBytes }) {
        asked.push({ url, maxBytes });
        return files[url] ?? { kind: 'failed', permanent: true, reason: 'its host does not exist' };
      },
    },
    objects: { put: async (key, body, contentType) => void objects.set(key, { body, contentType }) },
    sendQueue: { enqueue: async (job) => void queued.push(job) },
    timeLimit: () => AbortSignal.timeout(10_000),
    ...overrides,
  });
  return { fetch, asked, objects, queued };
}

export function fetchedFile(body: string | Uint8Array, contentType?: string): FetchOutcome {
  return { kind: 'fetched', body: typeof body === 'string' ? Buffer.from(body) : body, contentType };
}
