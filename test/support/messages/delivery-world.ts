import type { Log } from '../../../shared/base/ports.ts';
import type { MessageContent } from '../../../shared/mail/mail-content.ts';
import type { SendJob } from '../../../shared/messages/contract/queue-body.ts';
import { type Fact, factKey } from '../../../shared/messages/delivery-event.ts';
import type { Message } from '../../../shared/messages/message.ts';
import { messageState } from '../../../shared/messages/message-state.ts';
import type { Messages, Objects } from '../../../shared/messages/ports.ts';
import { type DueRow, type DueRows, dueIdOf } from '../../../shared/scheduling/contract/due-rows.ts';
import type { Mailer, OutgoingMail, SendAnswer } from '../../../shared/sending/mailer.ts';
import type { Suppressions } from '../../../shared/suppressions/ports.ts';
import { type Suppression, withCause, withoutComplaint } from '../../../shared/suppressions/suppression.ts';
import { ACCOUNT_SCOPE, type SuppressionScope } from '../../../shared/suppressions/suppression-scope.ts';
import { ACCEPTED_AT_EPOCH_MS, buildMessage, MESSAGE_ID } from './delivery-builders.ts';

/** An outage as adapters report one. */
export class StoreDownError extends Error {}
export const isOutage = (error: unknown): boolean => error instanceof StoreDownError;

/**
 * Everything that delivering touches, in memory; `calls` remembers what was asked, `down` what does not work, `downOnce`
 * what fails the next time, and `broken` what fails as nobody expects.
 */
export function createDeliveryWorld(rows: readonly Message[] = [buildMessage()]) {
  const clock = { now: ACCEPTED_AT_EPOCH_MS + 10_000, nowEpochMs: () => clock.now };
  const calls: string[] = [];
  const down = new Set<string>();
  const downOnce = new Set<string>();
  const broken = new Set<string>();
  const reach = (name: string) => {
    calls.push(name);
    if (broken.has(name)) throw new TypeError(name);
    if (down.has(name) || downOnce.delete(name)) throw new StoreDownError(name);
  };
  const messages = createMemoryMessages(rows, reach);
  const suppressions = createMemorySuppressions(reach);
  const objects = createMemoryObjects(reach);
  const queue = createMemoryQueue(reach);
  const dueRows = createMemoryDueRows(reach);
  const mailer = createMemoryMailer(reach);
  const metrics = new Map<string, number>();
  const log: Log = {
    info: () => {},
    warn: () => {},
    error: () => {},
    count: (metric, value) => void metrics.set(metric, (metrics.get(metric) ?? 0) + value),
  };
  let nextId = 0;
  const ids = { next: () => `01a207d9-2101-7000-8000-${String(++nextId).padStart(12, '0')}` };
  const state = () => {
    const message = messages.rows.get(MESSAGE_ID);
    if (message === undefined) throw new Error('no such message');
    return messageState({ message, facts: [...messages.facts.values()], nowEpochMs: clock.now });
  };
  return {
    clock,
    calls,
    down,
    downOnce,
    broken,
    messages,
    suppressions,
    objects,
    queue,
    dueRows,
    mailer,
    metrics,
    log,
    ids,
    state,
    isOutage,
    reach,
  };
}

type Reach = (name: string) => void;

type MessagesOfDelivery = Pick<
  Messages,
  | 'claim'
  | 'defer'
  | 'advance'
  | 'getMessage'
  | 'getTimeline'
  | 'appendFact'
  | 'getContent'
  | 'putContent'
  | 'deleteContent'
>;

function createMemoryMessages(initial: readonly Message[], reach: Reach) {
  const rows = new Map(initial.map((message) => [message.messageId, message]));
  const facts = new Map<string, Fact>();
  const contents = new Map<string, MessageContent>();
  const claimIds = new Map<string, string>();
  const port: MessagesOfDelivery = {
    async claim(_tenant, messageId, { claimId, nowEpochMs, leaseUntilEpochMs, resendUnknown }) {
      reach('claim');
      const row = rows.get(messageId);
      if (row === undefined) return { kind: 'absent' };
      const isDue = row.status === 'scheduled' && (row.scheduledAtEpochMs ?? 0) <= nowEpochMs;
      const isResent = resendUnknown && row.status === 'unknown' && row.attempt === 1;
      const isFree = row.status === 'accepted' || isDue || isResent;
      const isOurs = row.status === 'sending' && claimIds.get(messageId) === claimId;
      if (!isFree) return { kind: isOurs ? 'claimed' : 'refused', message: row };
      claimIds.set(messageId, claimId);
      const { unknownSinceEpochMs: _since, statusReason: _reason, ...rest } = row;
      const message: Message = { ...rest, status: 'sending', attempt: row.attempt + 1, leaseUntilEpochMs };
      rows.set(messageId, message);
      return { kind: 'claimed', message };
    },
    async defer(_tenant, messageId, { nowEpochMs, untilEpochMs, scheduledAtEpochMs }) {
      reach('defer');
      const row = rows.get(messageId);
      const isWaiting = row?.status === 'accepted' || row?.status === 'scheduled';
      if (!isWaiting || row.scheduledAtEpochMs !== scheduledAtEpochMs) return false;
      if ((row.deferredUntilEpochMs ?? 0) > nowEpochMs) return false;
      rows.set(messageId, { ...row, deferredUntilEpochMs: untilEpochMs });
      return true;
    },
    async advance(_tenant, messageId, from, move) {
      reach(`advance:${move.to}`);
      const row = rows.get(messageId);
      if (row?.status !== from.status || row.attempt !== from.attempt) return false;
      const { leaseUntilEpochMs: _lease, unknownSinceEpochMs: _since, statusReason: _reason, ...rest } = row;
      const { to, ...values } = move;
      const attempt = to === 'accepted' ? Math.max(0, row.attempt - 1) : row.attempt;
      rows.set(messageId, { ...rest, attempt, ...withoutEmptyLists(values), status: to });
      return true;
    },
    async getMessage(_tenant, messageId, options) {
      reach(options?.consistent ? 'getMessage:consistent' : 'getMessage');
      return rows.get(messageId);
    },
    async getTimeline(_tenant, messageId) {
      reach('getTimeline');
      const message = rows.get(messageId);
      return message && { message, facts: [...facts.values()] };
    },
    async appendFact(_tenant, fact) {
      reach(`appendFact:${fact.kind}`);
      const key = `${fact.messageId}#${factKey(fact)}`;
      if (facts.has(key)) return false;
      facts.set(key, fact);
      return true;
    },
    async getContent(messageId) {
      reach('getContent');
      return contents.get(messageId);
    },
    async putContent(messageId, content) {
      reach('putContent');
      contents.set(messageId, content);
    },
    async deleteContent(messageId) {
      reach('deleteContent');
      contents.delete(messageId);
    },
  };
  return { ...port, rows, facts, contents };
}

const withoutEmptyLists = <T extends object>(values: T): T =>
  Object.fromEntries(
    Object.entries(values).filter(([, value]) => !(Array.isArray(value) && value.length === 0)),
  ) as T;

function createMemorySuppressions(reach: Reach) {
  const entries = new Map<string, Suppression>();
  const keyOf = (scope: SuppressionScope, address: string) =>
    scope === ACCOUNT_SCOPE ? address : `${scope}#${address}`;
  const listIn = (scope: SuppressionScope): Pick<Suppressions, 'get' | 'add' | 'withdrawComplaint'> => ({
    async get(address) {
      reach('getSuppression');
      return entries.get(keyOf(scope, address));
    },
    async add(suppression) {
      reach('suppress');
      const key = keyOf(scope, suppression.address);
      const existing = entries.get(key);
      const held = existing === undefined ? suppression : withCause(existing, suppression);
      entries.set(key, held);
      return held;
    },
    async withdrawComplaint(address, sourceMessageId) {
      reach('withdrawComplaint');
      const key = keyOf(scope, address);
      const entry = entries.get(key);
      const left = entry && withoutComplaint(entry, sourceMessageId);
      if (left === undefined) entries.delete(key);
      else entries.set(key, left);
    },
  });
  return {
    entries,
    forScope: (scope: SuppressionScope) => listIn(scope) as Suppressions,
    async findSuppressed(scopes: readonly SuppressionScope[], addresses: readonly string[]) {
      reach('findSuppressed');
      const isListed = (address: string) => scopes.some((scope) => entries.has(keyOf(scope, address)));
      return new Set(addresses.filter(isListed));
    },
  };
}

function createMemoryObjects(reach: Reach) {
  const stored = new Map<string, Uint8Array>();
  const port: Pick<Objects, 'get' | 'delete'> = {
    async get(key) {
      reach('getObject');
      return stored.get(key);
    },
    async delete(keys) {
      reach('deleteObjects');
      for (const key of keys) stored.delete(key);
    },
  };
  return { ...port, stored };
}

function createMemoryQueue(reach: Reach) {
  const queued: { readonly job: SendJob; readonly delaySeconds: number | undefined }[] = [];
  return {
    queued,
    async enqueue(job: SendJob, delaySeconds?: number) {
      reach('enqueue');
      queued.push({ job, delaySeconds });
    },
  };
}

function createMemoryDueRows(reach: Reach) {
  const rows = new Map<string, DueRow>();
  const port: Pick<DueRows, 'put' | 'remove'> = {
    async put(added) {
      reach('putDueRows');
      for (const row of added) rows.set(`${row.dueEpochMs}#${dueIdOf(row.work)}`, row);
    },
    async remove(dueEpochMs, messageId) {
      reach('removeDueRow');
      rows.delete(`${dueEpochMs}#${messageId}`);
    },
  };
  return { ...port, rows };
}

function createMemoryMailer(reach: Reach) {
  const sent: OutgoingMail[] = [];
  const answers: SendAnswer[] = [];
  const mailer: Mailer = {
    async send(mail) {
      reach('send');
      sent.push(mail);
      return answers.shift() ?? { kind: 'sent', sesMessageId: `ses-${sent.length}` };
    },
  };
  return { ...mailer, sent, answers };
}
