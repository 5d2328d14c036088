import * as z from 'zod';

const DOMAIN = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;
/** RFC 2606 and RFC 6761: names that nobody can own; `.local` is RFC 6762. */
const RESERVED = /(^|\.)(example\.(com|net|org)|test|example|invalid|localhost|local)$/;

const configShape = z.strictObject({
  domains: z
    .array(z.string().regex(DOMAIN, 'must be a domain in lower case, such as mail.your-company.com'))
    .min(1, 'must name at least one domain')
    .refine((domains) => new Set(domains).size === domains.length, 'must not name a domain twice'),
  content: z.strictObject({ keepDays: z.int().min(0).max(3650) }).default({ keepDays: 30 }),
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
  const known = issue.path.length === 0 ? ['domains', 'content'] : ['keepDays'];
  return `does not know ${issue.keys.map((key) => `\`${key}\``).join(', ')}; it knows ${known.join(', ')}`;
}

export const isReserved = (domain: string): boolean => RESERVED.test(domain);
