import * as z from 'zod';
import { DOMAIN, trackingDomainProblem } from './domain-names.ts';
import { keepDays, streams, tenants, wholeNumber } from './stream-config.ts';

/** Names that cannot be registered: RFC 2606 and RFC 6761; `.local` is RFC 6762. */
const RESERVED = /(^|\.)(example\.(com|net|org)|test|example|invalid|localhost|local)$/;

const HTTPS = 'https://';
const PUBLIC_URL = 'must be https and a domain, without a path, such as https://mail.your-company.com';

const shape = z.strictObject({
  domains: z
    .array(
      z
        .string('must be a domain, such as your-company.com')
        .regex(DOMAIN, 'must be a domain in lower case, such as your-company.com'),
      'must be a list of domains, such as ["your-company.com"]',
    )
    .min(1, 'must name at least one domain')
    .refine((domains) => new Set(domains).size === domains.length, 'must not name a domain twice'),
  content: z.strictObject({ keepDays }).default({ keepDays: 30 }),
  streams,
  /** Stream for mail that names none, under a key that names none; by default the first one. */
  defaultStream: z.optional(z.string('must be the name of a stream')),
  /** Customers whose mail, keys, domains and suppressions are kept apart (docs/tenants.md). */
  tenants: z.optional(tenants),
  /** Address of the API in links in mail; by default the one that API Gateway gives it. */
  publicUrl: z.optional(
    z
      .string(PUBLIC_URL)
      .refine((text) => text.startsWith(HTTPS) && DOMAIN.test(text.slice(HTTPS.length)), PUBLIC_URL),
  ),
  /** `GET /event-log/stream`, on a function URL of its own; each viewer keeps a function running. */
  liveTail: z.optional(z.strictObject({ viewers: wholeNumber(1, 100, 'how many may watch at once') })),
  alarms: z.optional(z.strictObject({ email: z.email('must be the address that alarms are sent to') })),
});

const configShape = shape
  .superRefine(({ streams: known, defaultStream }, context) => {
    if (defaultStream === undefined || Object.hasOwn(known, defaultStream)) return;
    const message = `must be one of the streams: ${Object.keys(known).join(', ')}`;
    context.addIssue({ code: 'custom', path: ['defaultStream'], message });
  })
  .superRefine(({ streams: known, domains }, context) => {
    for (const [name, { tracking }] of Object.entries(known)) {
      if (tracking?.domain === undefined) continue;
      const message = trackingDomainProblem(tracking.domain, domains);
      const path = ['streams', name, 'tracking', 'domain'];
      if (message !== undefined) context.addIssue({ code: 'custom', path, message });
    }
  })
  .transform(({ defaultStream, ...config }) => ({
    ...config,
    defaultStream: defaultStream ?? Object.keys(config.streams)[0] ?? '',
  }));

/** The configuration as an operator writes it. */
export type Config = z.input<typeof configShape>;
/** The checked configuration that the app works with. */
export type ValidConfig = z.output<typeof configShape>;

/** Says where in postlane.config.ts something is wrong, and what may stand there. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Checks the configuration at synth. Throws ConfigError naming the path of every key that is wrong. */
export function defineConfig(config: Config): ValidConfig {
  const result = configShape.safeParse(config);
  if (result.success) return result.data;
  const lines = result.error.issues.map(
    (issue) => `  ${issue.path.join('.') || '(top level)'}: ${explain(issue)}`,
  );
  throw new ConfigError(`postlane.config.ts is not valid:\n${lines.join('\n')}`);
}

function explain(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  if (issue.code === 'invalid_type' && issue.expected === 'object') {
    return `must be an object with ${keysAt(shape, issue.path).join(', ')}`;
  }
  if (issue.code !== 'unrecognized_keys') return issue.message;
  const unknown = issue.keys.map((key) => `\`${key}\``).join(', ');
  return `does not know ${unknown}; it knows ${keysAt(shape, issue.path).join(', ')}`;
}

/** The keys that may stand at a path, found by walking the schema as zod has walked the value. */
function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  const inner = unwrap(schema);
  const [key, ...rest] = path;
  if (inner instanceof z.ZodRecord) {
    return key === undefined && inner.keyType instanceof z.ZodEnum
      ? inner.keyType.options.map(String)
      : keysAt(inner.valueType, rest);
  }
  if (!(inner instanceof z.ZodObject)) return [];
  const next = key === undefined ? undefined : inner.shape[String(key)];
  return next === undefined ? Object.keys(inner.shape) : keysAt(next, rest);
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const isWrapped =
    schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional;
  return isWrapped ? unwrap(schema.unwrap()) : schema;
}

/** A message's own data may go when its content does, but not before people stop asking for it. */
const SHORTEST_MESSAGE_DAYS = 30;

/** The longest time, in days, that content of any stream is kept. */
export const longestKeepDays = ({ content, streams: all }: ValidConfig): number =>
  Math.max(...Object.values(all).map(({ keepDays: own }) => own ?? content.keepDays));

/** Days that the data of a message is kept. */
export const messageKeepDays = (config: ValidConfig): number =>
  Math.max(longestKeepDays(config), SHORTEST_MESSAGE_DAYS);

/**
 * Tells whether a name is reserved. It cannot be registered, so no mail can leave from it: it runs locally
 * and does not deploy.
 */
export const isReserved = (domain: string): boolean => RESERVED.test(domain);
