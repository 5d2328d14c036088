import { invalidField, missingField } from '../../base/contract/errors.ts';
import { readIsoTime } from '../../base/contract/iso-time.ts';
import { defined } from '../../base/defined.ts';
import { MS_PER_DAY } from '../../base/durations.ts';
import { EVENT_TYPES } from '../../events/event-types.ts';
import { webhookUrlProblem } from '../../guarded-http/public-address.ts';
import type { Webhook } from '../webhook.ts';
import type { ReplayJob } from './webhook-job.ts';

type Fields = Readonly<Record<string, unknown>>;
type UrlRules = Parameters<typeof webhookUrlProblem>[1];

/** @throws ContractError 422 for the first field that is wrong */
export function readNewWebhook(fields: Fields, rules: UrlRules): Pick<Webhook, 'endpoint' | 'events'> {
  const endpoint = readEndpoint(fields.endpoint, rules);
  if (endpoint === undefined) throw missingField('endpoint');
  const events = readEvents(fields.events);
  if (events === undefined) throw missingField('events');
  return { endpoint, events };
}

/**
 * Reads what is to be changed; null stands for absent. @throws ContractError 422 for the first field that is
 * wrong
 */
export function readWebhookChanges(
  fields: Fields,
  rules: UrlRules,
): Partial<Pick<Webhook, 'endpoint' | 'events' | 'status'>> {
  const endpoint = readEndpoint(fields.endpoint, rules);
  const events = readEvents(fields.events);
  const status = readStatus(fields.status);
  return {
    ...defined({ endpoint, events, status }),
  };
}

function readEndpoint(value: unknown, rules: UrlRules): string | undefined {
  if (isAbsent(value) || value === '') return undefined;
  if (typeof value !== 'string') throw invalidField('The `endpoint` field must be a string.');
  const problem = webhookUrlProblem(value, rules);
  if (problem !== undefined) throw invalidField(`The URL of the \`endpoint\` field ${problem}.`);
  return value;
}

/** Reads types of events, each once, in the order given. */
function readEvents(value: unknown): readonly string[] | undefined {
  if (isAbsent(value)) return undefined;
  if (!Array.isArray(value)) throw invalidField('The `events` field must be an array of event types.');
  if (value.length === 0) throw invalidField('The `events` field must name at least one event type.');
  return [...new Set(value.map(readEventType))];
}

function readEventType(value: unknown): string {
  const type = EVENT_TYPES.find((each) => each === value);
  if (type !== undefined) return type;
  const given = typeof value === 'string' ? `\`${value.slice(0, 64)}\`` : `a ${typeof value}`;
  throw invalidField(
    `The \`events\` field contains ${given}, which is no event type. There are: ${EVENT_TYPES.join(', ')}.`,
  );
}

function readStatus(value: unknown): Webhook['status'] | undefined {
  if (isAbsent(value)) return undefined;
  if (value === 'enabled' || value === 'disabled') return value;
  throw invalidField('The `status` field must be `enabled` or `disabled`.');
}

/** Days that may be replayed; the log keeps events for at least this long. */
const MAX_REPLAY_DAYS = 30;
const MAX_REPLAY_MS = MAX_REPLAY_DAYS * MS_PER_DAY;
/** Difference that clocks may have: those of callers run behind and ahead. */
const CLOCK_SKEW_MS = 60_000;
const MAX_TIME_LENGTH = 64;

/**
 * Reads which events are to be delivered again: what has failed in the last 30 days where nothing else is
 * said.
 * @throws ContractError 422 for the first field that is wrong
 */
export function readReplay(
  fields: Fields,
  nowEpochMs: number,
): Pick<ReplayJob, 'which' | 'fromEpochMs' | 'untilEpochMs'> {
  const which = readWhich(fields.status);
  const from = readTime(fields.from, 'from', nowEpochMs);
  if (from === undefined && which === 'all') throw missingField('from');
  const fromEpochMs = from ?? nowEpochMs - MAX_REPLAY_MS;
  if (fromEpochMs < nowEpochMs - MAX_REPLAY_MS - CLOCK_SKEW_MS) {
    throw invalidField(
      `The \`from\` field is more than ${MAX_REPLAY_DAYS} days ago; no event is kept longer.`,
    );
  }
  const untilEpochMs = readTime(fields.until, 'until', nowEpochMs) ?? nowEpochMs;
  if (fromEpochMs >= untilEpochMs) throw invalidField('The `from` field must be before `until`.');
  return { which, fromEpochMs, untilEpochMs };
}

function readWhich(value: unknown): ReplayJob['which'] {
  if (isAbsent(value)) return 'failed';
  if (value === 'failed' || value === 'all') return value;
  throw invalidField('The `status` field must be `failed` or `all`.');
}

function readTime(value: unknown, name: string, nowEpochMs: number): number | undefined {
  if (isAbsent(value) || value === '') return undefined;
  const isShort = typeof value === 'string' && value.length <= MAX_TIME_LENGTH;
  const epochMs = isShort ? readIsoTime(value.trim()) : undefined;
  if (epochMs === undefined || Number.isNaN(epochMs)) {
    throw invalidField(`The \`${name}\` field must be a time in ISO 8601 (\`2026-08-05T11:52:01.858Z\`).`);
  }
  if (epochMs > nowEpochMs + CLOCK_SKEW_MS) throw invalidField(`The \`${name}\` field is in the future.`);
  return Math.min(epochMs, nowEpochMs);
}

const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;
