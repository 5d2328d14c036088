import type { ApiKeyClaims } from '../../../shared/access/api-key.ts';
import { ContractError, type ContractResponse, responseOf } from '../../../shared/base/contract/errors.ts';
import type { JobQueue } from '../../../shared/base/job-queue.ts';
import type { MessageContent } from '../../../shared/mail/mail-content.ts';
import type { FetchJob, SendJob } from '../../../shared/messages/contract/queue-body.ts';
import { IDEMPOTENCY_WINDOW_MS } from '../../../shared/messages/idempotency.ts';
import type { IdempotencyRecord } from '../../../shared/messages/idempotency-record.ts';
import type { Message } from '../../../shared/messages/message.ts';
import type { BatchState } from '../../../shared/messages/ports.ts';
import { readEnglishTime } from '../../../shared/runtime/english-time.ts';
import { createIds } from '../../../shared/runtime/ids.ts';
import type { DueRow } from '../../../shared/scheduling/contract/due-rows.ts';
import type { SendInput } from '../../../shared/submission/contract/send-body.ts';
import type { AcceptDeps } from '../../../shared/submission/services/accept-deps.ts';
import { createAcceptMessage } from '../../../shared/submission/services/accept-message.ts';
import type { Spending } from '../../../shared/tenants/services/tenant-quota.ts';
import { NOON } from '../messages/message-builders.ts';
import { buildStreams } from '../streams/stream-builders.ts';

/** What goes wrong: before it is done, or after, when only the reply is lost. */
type Trouble = 'not-done' | 'reply-lost';

type Operation =
  | Exclude<keyof AcceptDeps['messages'], never>
  | 'putObject'
  | 'enqueue'
  | 'enqueueFetch'
  | 'putDueRows'
  | 'spendQuota';

export interface AcceptWorldOptions {
  readonly claims?: Partial<ApiKeyClaims>;
  readonly settings?: Partial<AcceptDeps['settings']>;
  readonly sendingDomains?: AcceptDeps['sendingDomains'];
  /** Recipients that are left of the tenant's day; not limited without it. */
  readonly quotaLeft?: number;
}

/** The stores and queues that accepting a mail touches, in memory; they fail when told to, and remember everything. */
export function anAcceptWorld(options: AcceptWorldOptions = {}) {
  const rows = new Map<string, Message>();
  const fences = new Set<string>();
  const contents = new Map<string, MessageContent>();
  const records = new Map<string, IdempotencyRecord>();
  const batches = new Map<string, BatchState>();
  const objects = new Map<string, Uint8Array>();
  const sendJobs: SendJob[] = [];
  const fetchJobs: FetchJob[] = [];
  const dueRows: DueRow[] = [];
  const calls: string[] = [];
  const troubles = new Map<Operation, Trouble[]>();
  const meanwhile = new Map<Operation, () => void>();
  const time = { nowEpochMs: NOON };

  /** Every call goes through here, as through a network. */
  const call = async <T>(operation: Operation, work: () => T): Promise<T> => {
    calls.push(operation);
    await null;
    meanwhile.get(operation)?.();
    const trouble = troubles.get(operation)?.shift();
    if (trouble === 'not-done') throw new Error(`${operation} was not done`);
    const result = work();
    if (trouble === 'reply-lost') throw new Error(`${operation} was done and its reply lost`);
    return result;
  };

  const lines: { readonly event: string; readonly error: unknown }[] = [];
  const note = (event: string, fields?: Readonly<Record<string, unknown>>) =>
    void lines.push({ event, error: fields?.error });

  /** Seconds that jobs of both queues were given to wait, in their order. */
  const delays: (number | undefined)[] = [];
  const queueOf = <Job>(jobs: Job[], operation: Operation): JobQueue<Job> => ({
    enqueue: (job, delaySeconds) => {
      delays.push(delaySeconds);
      return call(operation, () => void jobs.push(job));
    },
    enqueueAll: (all, delayOf) =>
      call(operation, () => {
        jobs.push(...all);
        delays.push(...all.map((job) => delayOf?.(job)));
      }).then(
        () => [],
        (error: unknown) => all.map((job) => ({ job, error })),
      ),
  });

  const messages: AcceptDeps['messages'] = {
    putMessageIfAbsent: (message) =>
      call('putMessageIfAbsent', () => {
        const existing = rows.get(message.messageId);
        if (existing !== undefined || fences.has(message.messageId))
          return { kind: 'exists', existing: existing ?? message } as const;
        rows.set(message.messageId, message);
        return { kind: 'stored' } as const;
      }),
    getMessage: (_tenant, messageId) => call('getMessage', () => rows.get(messageId)),
    deleteUnsent: (_tenant, messageId) => call('deleteUnsent', () => void rows.delete(messageId)),
    putContent: (messageId, content) => call('putContent', () => void contents.set(messageId, content)),
    putIdempotencyRecordIfAbsent: (tenant, key, record) =>
      call('putIdempotencyRecordIfAbsent', () => {
        const existing = records.get(`${tenant}#${key}`);
        const isValid =
          existing && existing.createdAtEpochMs > record.createdAtEpochMs - IDEMPOTENCY_WINDOW_MS;
        if (isValid) return { kind: 'exists', existing } as const;
        records.set(`${tenant}#${key}`, record);
        return { kind: 'stored' } as const;
      }),
    replaceIdempotencyRecord: (tenant, key, { dead, record }) =>
      call('replaceIdempotencyRecord', () => {
        const name = `${tenant}#${key}`;
        if (!isOfRun(records.get(name), dead)) return false;
        records.set(name, record);
        return true;
      }),
    deleteIdempotencyRecord: (tenant, key, run) =>
      call('deleteIdempotencyRecord', () => {
        const name = `${tenant}#${key}`;
        if (isOfRun(records.get(name), run)) records.delete(name);
      }),
    fence: (_tenant, messageId, _expiry, over = 'nothing') =>
      call('fence', () => {
        const row = rows.get(messageId);
        if (row !== undefined && (over === 'nothing' || row.attempt > 0)) return 'stored';
        rows.delete(messageId);
        fences.add(messageId);
        return 'fenced';
      }),
    endBatch: (batchId, state) =>
      call('endBatch', () => {
        const settled = batches.get(batchId) ?? state;
        batches.set(batchId, settled);
        return settled;
      }),
    getBatchState: (batchId) => call('getBatchState', () => batches.get(batchId)),
  };

  const claim = (messageId: string) => {
    const row = rows.get(messageId);
    if (row !== undefined) rows.set(messageId, { ...row, status: 'sending', attempt: 1 });
  };

  const clock = { nowEpochMs: () => time.nowEpochMs };
  let left = options.quotaLeft;
  const spend = (recipients: number): Spending => {
    if (recipients > (left ?? 0)) return { kind: 'beyond', dailyRecipients: 10, againInSeconds: 3_600 };
    left = (left ?? 0) - recipients;
    return { kind: 'within' };
  };

  const accept = createAcceptMessage({
    authenticate: async () => ({
      apiKeyId: 'key-1',
      tenant: 'default',
      permission: 'full_access',
      ...options.claims,
    }),
    messages,
    objects: { put: (key, body) => call('putObject', () => void objects.set(key, body)) },
    sendQueue: queueOf(sendJobs, 'enqueue'),
    fetchQueue: queueOf(fetchJobs, 'enqueueFetch'),
    dueRows: { put: (rows) => call('putDueRows', () => void dueRows.push(...rows)) },
    readEnglishTime,
    htmlToText: async (html) => html.replaceAll(/<[^>]*>/g, ''),
    clock,
    ids: createIds(clock),
    log: { warn: note, error: note },
    quota: {
      spend: async (_tenant, recipients) =>
        left === undefined ? { kind: 'within' } : call('spendQuota', () => spend(recipients)),
    },
    sendingDomains: options.sendingDomains ?? {
      find: async (_tenant, name) => (name === 'example.com' ? { name } : undefined),
    },
    settings: {
      streams: buildStreams(),
      messageKeepDays: 90,
      ...options.settings,
    },
  });

  return {
    ...{
      rows,
      messages,
      fences,
      contents,
      records,
      batches,
      objects,
      sendJobs,
      fetchJobs,
      delays,
      dueRows,
      calls,
      lines,
      time,
    },

    /** The next calls of an operation fail, in this order. */
    trouble: (operation: Operation, ...kinds: readonly Trouble[]) => void troubles.set(operation, [...kinds]),

    /** Something else happens while an operation is under way. */
    onCall: (operation: Operation, happen: () => void) => void meanwhile.set(operation, happen),

    claim,
    claimAll: () => [...rows.keys()].forEach(claim),

    post: (body: unknown, headers: SendInput['headers'] = {}) => answerOf(accept, 'single', body, headers),
    postBatch: (body: unknown, headers: SendInput['headers'] = {}) =>
      answerOf(accept, 'batch', body, headers),

    isEmpty: () =>
      [rows, contents, records, batches, objects].every(({ size }) => size === 0) &&
      sendJobs.length + fetchJobs.length + dueRows.length === 0,
  };
}

const isOfRun = (
  record: IdempotencyRecord | undefined,
  run: Pick<IdempotencyRecord, 'batchId' | 'messageIds'>,
) => record?.batchId === run.batchId && record?.messageIds[0] === run.messageIds[0];

async function answerOf(
  accept: (input: SendInput) => Promise<ContractResponse>,
  route: SendInput['route'],
  body: unknown,
  headers: SendInput['headers'],
) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  try {
    // biome-ignore lint/suspicious/noExplicitAny: answers are read as a caller would read JSON
    return (await accept({ route, headers, body: text })) as { status: number; body: any };
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    // biome-ignore lint/suspicious/noExplicitAny: as above
    return responseOf(error) as { status: number; body: any; headers?: Record<string, string> };
  }
}

export function aSendObject(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    from: 'Acme <hello@example.com>',
    to: 'reader@example.org',
    subject: 'Hello',
    html: '<p>Hi there</p>',
    ...overrides,
  };
}
