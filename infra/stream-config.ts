import * as z from 'zod';

/** Name of a stream, of which its SES names, queue and URLs are made. */
const NAME = /^[a-z](?:-?[a-z0-9]){0,31}$/;
const KINDS = ['transactional', 'broadcast'] as const;
const POOLS = ['shared', 'managed', 'standard'] as const;
const SCOPES = ['account', 'stream'] as const;
const PROVIDERS = ['gmail', 'microsoft', 'yahoo', 'apple', 'rest'] as const;
/** Lambda takes 4 KB of environment, and every stream stands in it. */
const MAX_STREAMS = 6;
/** SES warms its own IPs up in 45 days; twice that is a table too long to read. */
const MAX_PLAN_DAYS = 90;

export const wholeNumber = (least: number, most: number, what: string) => {
  const message = `must be ${what}: a whole number from ${least} to ${most}`;
  return z.int(message).min(least, message).max(most, message);
};
const percent = (what: string) => {
  const message = `must be ${what}: a number above 0 and at most 100`;
  return z.number(message).gt(0, message).max(100, message);
};
const oneOf = <const Values extends readonly string[]>(values: Values) =>
  z.enum(values, `must be one of ${values.map((value) => `'${value}'`).join(', ')}`);
const flag = z.boolean('must be true or false');

const KEEP_DAYS = 'must be a whole number of days from 0 to 3650';
export const keepDays = z.int(KEEP_DAYS).min(0, KEEP_DAYS).max(3650, KEEP_DAYS);

const perDay = wholeNumber(1, 1_000_000_000, 'recipients a day');
const GROWTH = 'must be the factor from one day to the next: a number above 1 and at most 5';
const PLAN = `must be { start, growth, target }, with start at most target and growth above 1 and at most 5, or a list of 1 to ${MAX_PLAN_DAYS} volumes, one for each day`;
const plan = z.union(
  [
    z
      .strictObject({ start: perDay, growth: z.number(GROWTH).gt(1, GROWTH).max(5, GROWTH), target: perDay })
      .refine(({ start, target }) => start <= target, PLAN),
    z.array(perDay).min(1).max(MAX_PLAN_DAYS),
  ],
  PLAN,
);

const guardOf = (whom: 'stream' | 'tenant') =>
  z
    .strictObject({
      bouncePercent: percent(`the bounce rate that pauses the ${whom}`).default(4),
      complaintPercent: percent(`the complaint rate that pauses the ${whom}`).default(0.08),
    })
    .default({ bouncePercent: 4, complaintPercent: 0.08 });

/** Tenants of the deployment; without this key there are none. */
export const tenants = z.strictObject({
  /** Daily recipients of a tenant for which no other number is set; without it nothing limits a tenant. */
  dailyRecipients: z.optional(wholeNumber(0, 1_000_000_000, 'recipients a day')),
  guard: guardOf('tenant'),
});

const warmUp = z.strictObject({
  plan,
  /** A provider that is named has a limit of its own, below that of the whole stream. */
  providers: z.optional(z.partialRecord(oneOf(PROVIDERS), plan)),
  /** Route of mail above the day's volume. */
  overflow: z
    .union(
      [z.enum(['shared', 'wait']), z.strictObject({ stream: z.string() })],
      "must be 'shared', 'wait' or { stream: '<a stream with a pool of its own>' }",
    )
    .default('shared'),
});

/** Tracking of the stream's mail; without this key none of it is ever tracked. */
const tracking = z.strictObject({
  /** Defaults for a mail that says nothing. */
  opens: flag.default(false),
  clicks: flag.default(false),
  /** Name in tracked links in place of a name of SES; `config.ts` says which it may be. */
  domain: z.optional(z.string('must be a domain in lower case, such as links.your-company.com')),
});

const stream = z.strictObject({
  kind: oneOf(KINDS),
  pool: oneOf(POOLS).default('shared'),
  /** Share of SES's send rate; what the stream does not use is lent to the others. */
  ratePercent: percent("its part of SES's send rate"),
  warmUp: z.optional(warmUp),
  tracking: z.optional(tracking),
  /** Days that its mail's content is kept, in place of `content.keepDays`. */
  keepDays: z.optional(keepDays),
  /** Bounces and complaints of its mail stop all mail to the address, or that of this stream alone. */
  suppressionScope: oneOf(SCOPES).default('account'),
  /** A broadcast stream's mail leaves with a link that ends it (RFC 8058), unless this is false. */
  unsubscribe: z.optional(flag),
  guard: guardOf('stream'),
  /** Switch that sends its events to an EventBridge bus as well, at $1 per million of them. */
  eventBus: flag.default(false),
  /** Instances of send-message that may work its queue at once. */
  concurrency: wholeNumber(2, 1000, 'how many senders may run at once').default(2),
});

export type StreamConfig = z.output<typeof stream>;

/** Streams of a config that names none: one for each kind, on SES's shared addresses. */
const DEFAULT_STREAMS: Record<string, z.input<typeof stream>> = {
  transactional: { kind: 'transactional', ratePercent: 70 },
  broadcast: { kind: 'broadcast', ratePercent: 30 },
};

/** A stream by name; the first one takes the mail that names none. */
export const streams = z
  .record(
    z.string().regex(NAME, 'a stream is named by 1 to 32 lower-case letters, digits and single dashes'),
    stream,
    'must be an object with a stream under each name',
  )
  .prefault(DEFAULT_STREAMS)
  .superRefine((all, context) => {
    for (const { path, message } of problemsOf(all)) context.addIssue({ code: 'custom', path, message });
  });

interface Problem {
  readonly path: string[];
  readonly message: string;
}

function problemsOf(all: Readonly<Record<string, StreamConfig>>): readonly Problem[] {
  const entries = Object.entries(all);
  const count = entries.length >= 1 && entries.length <= MAX_STREAMS;
  const sum = entries.reduce((total, [, { ratePercent }]) => total + ratePercent, 0);
  return [
    ...(count ? [] : [{ path: [], message: `must be 1 to ${MAX_STREAMS} streams` }]),
    ...(Math.abs(sum - 100) < 0.01 || !count
      ? []
      : [{ path: [], message: `must share 100 percent of the send rate; ratePercent adds up to ${sum}` }]),
    ...entries.flatMap(([name, each]) => warmUpProblems(name, each, all)),
    ...entries.flatMap(([name, each]) => unsubscribeProblems(name, each)),
  ];
}

function unsubscribeProblems(name: string, { kind, unsubscribe }: StreamConfig): readonly Problem[] {
  if (kind === 'broadcast' || unsubscribe === undefined) return [];
  const message = "is only for kind 'broadcast': transactional mail has no such link";
  return [{ path: [name, 'unsubscribe'], message }];
}

function warmUpProblems(
  name: string,
  { pool, warmUp: given }: StreamConfig,
  all: Readonly<Record<string, StreamConfig>>,
): readonly Problem[] {
  const path = [name, 'warmUp'];
  if (pool !== 'standard') {
    const message = `is only for pool 'standard': ${pool === 'managed' ? 'SES warms a managed pool up itself' : 'shared addresses are warm'}`;
    return given === undefined ? [] : [{ path, message }];
  }
  if (given === undefined) {
    const message =
      "is missing: a pool 'standard' needs a plan, such as { plan: { start: 200, growth: 1.4, target: 50_000 } }";
    return [{ path, message }];
  }
  const { overflow } = given;
  if (typeof overflow === 'string') return [];
  const target = Object.hasOwn(all, overflow.stream) ? all[overflow.stream] : undefined;
  if (overflow.stream !== name && target !== undefined && target.pool !== 'shared') return [];
  const own = Object.entries(all).flatMap(([other, { pool: its }]) =>
    other !== name && its !== 'shared' ? [other] : [],
  );
  const known = own.length === 0 ? 'there is none' : own.join(', ');
  const message = `must name another stream with a pool of its own: ${known}`;
  return [{ path: [...path, 'overflow', 'stream'], message }];
}
