import * as z from 'zod';

const DOMAIN = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;
/** RFC 2606 and RFC 6761: names that nobody can own; `.local` is RFC 6762. */
const RESERVED = /(^|\.)(example\.(com|net|org)|test|example|invalid|localhost|local)$/;
const LONGEST_DAYS = 3650;
const KEEP_DAYS = `must be a whole number of days from 0 to ${LONGEST_DAYS}`;

const sections = {
  content: z.strictObject({
    keepDays: z.int(KEEP_DAYS).min(0, KEEP_DAYS).max(LONGEST_DAYS, KEEP_DAYS),
  }),
  alarms: z.strictObject({ email: z.email('must be the address that alarms are sent to') }),
};

const configShape = z.strictObject({
  domains: z
    .array(
      z
        .string('must be a domain, such as your-company.com')
        .regex(DOMAIN, 'must be a domain in lower case, such as your-company.com'),
      'must be a list of domains, such as ["your-company.com"]',
    )
    .min(1, 'must name at least one domain')
    .refine((domains) => new Set(domains).size === domains.length, 'must not name a domain twice'),
  content: sections.content.default({ keepDays: 30 }),
  alarms: z.optional(sections.alarms),
});

/** What an operator may write. */
export type Config = z.input<typeof configShape>;
/** What the app works with. */
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
  if (issue.code !== 'unrecognized_keys') return issue.message;
  const unknown = issue.keys.map((key) => `\`${key}\``).join(', ');
  return `does not know ${unknown}; it knows ${keysAt(issue.path).join(', ')}`;
}

const keysAt = ([section]: readonly PropertyKey[]): string[] =>
  Object.keys(section === undefined ? configShape.shape : sections[section as keyof typeof sections].shape);

/** Nobody can own it, so nobody can send from it: it runs locally and does not deploy. */
export const isReserved = (domain: string): boolean => RESERVED.test(domain);
