import { internalError, missingField, unavailable } from '../../../shared/base/contract/errors.ts';
import { readUuid } from '../../../shared/base/contract/uuid.ts';
import { MS_PER_DAY } from '../../../shared/base/durations.ts';
import { delaySecondsUntil, isWithinDelay } from '../../../shared/base/queue-delay.ts';
import { inParallel } from '../../../shared/base/services/in-parallel.ts';
import { encodeContent } from '../../../shared/messages/contract/message-content.ts';
import { jobOf, workOf } from '../../../shared/messages/contract/send-work.ts';
import type { Message } from '../../../shared/messages/message.ts';
import { createdAtEpochMsOf } from '../../../shared/messages/message-bucket.ts';
import { retentionOf } from '../../../shared/messages/retention.ts';
import { findContent } from '../../../shared/messages/services/find-job.ts';
import { MAX_SCHEDULE_DAYS } from '../../../shared/resources.ts';
import { readScheduledAt } from '../../../shared/submission/services/scheduled-at.ts';
import { type Answer, ok, param, readFields } from '../call.ts';
import type { EmailDeps } from './email-deps.ts';
import { refusalOf } from './refusal.ts';
import { requireMessage } from './require-email.ts';

type Moved = Message & { readonly scheduledAtEpochMs: number };
type Content = NonNullable<Awaited<ReturnType<typeof findContent>>>;

const OBJECTS_AT_ONCE = 2;

/**
 * Gives a scheduled message another time. What will bring it there is written before the row says so: a job that finds the
 * row moved can count on it, and a job for the time before meets a row that says otherwise.
 */
export function rescheduleEmail(deps: EmailDeps): Answer {
  return async (call) => {
    const { tenant } = call.claims;
    const id = readUuid(param(call, 'id'), 'id');
    const scheduledAtEpochMs = await readTime(readFields(call.body).scheduled_at, deps);

    const message = await requireMessage(deps, tenant, id);
    if (message.status !== 'scheduled') throw refusalOf(message, 'rescheduled');
    const content = await findContent(message, deps);
    if (content === undefined) throw internalError('The content of a scheduled email is gone.', undefined);

    const { deferredUntilEpochMs: _deferred, ...rest } = message;
    await move(message, { ...rest, scheduledAtEpochMs }, content, deps);

    return ok({ object: 'email', id });
  };
}

async function readTime(value: unknown, { clock, readEnglishTime }: EmailDeps): Promise<number> {
  const nowEpochMs = clock.nowEpochMs();
  const epochMs = await readScheduledAt(value, { nowEpochMs, readEnglish: readEnglishTime });
  if (epochMs === undefined) throw missingField('scheduled_at');
  return epochMs;
}

async function move(from: Message, moved: Moved, content: Content, deps: EmailDeps): Promise<void> {
  const { scheduledAtEpochMs, tenant, messageId, stream } = moved;
  const { messageKeepDays, streams } = deps.settings;
  const retention = retentionOf(scheduledAtEpochMs, {
    messageKeepDays,
    keepDays: streams.byName(stream).keepDays,
  });
  const work = workOf(jobOf(moved, content.carried), content.content.attachments);

  await deps.dueRows.put([{ dueEpochMs: scheduledAtEpochMs, work }]);
  await keepContent(moved, content, retention.contentExpiresAtEpochSeconds, deps);
  const to = { to: 'scheduled', scheduledAtEpochMs, ...retention.row } as const;
  if (!(await deps.messages.advance(tenant, messageId, from, to))) {
    throw refusalOf(await requireMessage(deps, tenant, messageId), 'rescheduled');
  }

  if (isWithinDelay(scheduledAtEpochMs, deps.clock.nowEpochMs()))
    await enqueue(work, scheduledAtEpochMs, deps);
}

/** Its minute may have been gone through before it was moved there. */
async function enqueue(
  work: ReturnType<typeof workOf>,
  dueEpochMs: number,
  { sendQueue, fetchQueue, clock }: EmailDeps,
): Promise<void> {
  try {
    const delaySeconds = delaySecondsUntil(dueEpochMs, clock.nowEpochMs());
    await (work.queue === 'send' ? sendQueue.enqueue(work.job, delaySeconds) : fetchQueue.enqueue(work.job));
  } catch (cause) {
    throw unavailable('The email was moved and cannot be queued at the moment; repeat the request.', cause);
  }
}

/** Objects are kept for as long as mail can be scheduled from its beginning; one that is moved on is begun anew. */
async function keepContent(
  moved: Moved,
  { content, carried }: Content,
  expiresAtEpochSeconds: number,
  { messages, objects }: EmailDeps,
): Promise<void> {
  const { messageId, scheduledAtEpochMs } = moved;
  if (carried.kind === 'table') await messages.putContent(messageId, content, expiresAtEpochSeconds);
  const outlives = scheduledAtEpochMs - createdAtEpochMsOf(messageId) > MAX_SCHEDULE_DAYS * MS_PER_DAY;
  if (!outlives) return;
  if (carried.kind === 'object') {
    await objects.put(carried.objectKey, encodeContent(content), 'application/octet-stream');
  }
  const uploaded = content.attachments.filter(({ url }) => url === undefined);
  await inParallel(uploaded, OBJECTS_AT_ONCE, async ({ objectKey, contentType }) => {
    const bytes = await objects.get(objectKey);
    if (bytes !== undefined) await objects.put(objectKey, bytes, contentType);
  });
}
