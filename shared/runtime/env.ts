import { parseStreams } from '../streams/contract/streams-variable.ts';
import { createStreams, type Streams } from '../streams/stream.ts';

/** Name of a variable's property: `EVENT_QUEUE_URL` → `eventQueueUrl`. */
type PropertyName<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<PropertyName<Tail>>}`
  : Lowercase<Name>;

/** Variables that are more than a text, each with its parser. */
const parsers = {
  /** Names of domains, separated by commas, lower-cased here: `example.com,mail.example.org`. */
  SENDING_DOMAINS: readList,
  STREAMS: readStreams,
  MESSAGE_KEEP_DAYS: readCount,
  TAIL_VIEWERS: readCount,
  FUNCTION_TIMEOUT_SECONDS: readCount,
} as const;

/** Known by their ends, so that a new table, bucket or queue needs no line here. */
type TextVariable = `${string}_TABLE_NAME` | `${string}_BUCKET_NAME` | `${string}_URL`;

type VariableName = keyof typeof parsers | TextVariable;

type Value<Name extends VariableName> = Name extends keyof typeof parsers
  ? ReturnType<(typeof parsers)[Name]>
  : string;

/** Variables under camel-case names, each value already of its type. */
export type Environment<Name extends VariableName> = {
  readonly [Variable in Name as PropertyName<Variable>]: Value<Variable>;
};

/**
 * Parses the variables that a function is given; `infra/functions/` sets exactly these. Called while the module loads, so
 * that a deployment with a missing or malformed variable fails on its first start and not on its first message.
 * @throws EnvironmentError naming the variable
 */
export function readEnvironment<const Name extends VariableName>(
  names: readonly Name[],
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Environment<Name> {
  const entries = names.map((name) => [propertyName(name), readVariable(name, variables[name])]);
  return Object.fromEntries(entries) as Environment<Name>;
}

/** Reads the region in which the function runs; Lambda sets it, and every AWS client needs it. */
export function readRegion(variables: Readonly<Record<string, string | undefined>> = process.env): string {
  if (!variables.AWS_REGION) throw new EnvironmentError('AWS_REGION is not set');
  return variables.AWS_REGION;
}

/**
 * Reads the DNS servers to ask instead of those of the machine: `DNS_SERVERS=127.0.0.1:5353,…`. A deployment
 * sets none.
 */
export function readDnsServers(variables: Readonly<Record<string, string | undefined>> = process.env): {
  readonly servers?: readonly string[];
} {
  const { DNS_SERVERS } = variables;
  return DNS_SERVERS ? { servers: readList(DNS_SERVERS) } : {};
}

/**
 * Reads `LOCAL_WEBHOOKS=allowed`: endpoints on this machine may be called over http (`webhookUrlProblem`).
 * The local cloud says so; a deployment sets nothing, and any other value means nothing.
 */
export function readLocalWebhooks(variables: Readonly<Record<string, string | undefined>> = process.env): {
  readonly isLocalAllowed: boolean;
} {
  return { isLocalAllowed: variables.LOCAL_WEBHOOKS === 'allowed' };
}

/** Error that a variable is missing or malformed; nothing can work until a deployment corrects it. */
class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly permanent = true;
}

type Read = string | number | readonly string[] | Streams;

function readVariable(variable: VariableName, text: string | undefined): Read {
  if (text === undefined || text === '') throw new EnvironmentError(`${variable} is not set`);
  const read: ((text: string, variable: string) => Read) | undefined =
    variable in parsers ? parsers[variable as keyof typeof parsers] : undefined;
  return read === undefined ? text : read(text, variable);
}

function readCount(text: string, variable: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new EnvironmentError(`${variable} must be a whole number`);
  return Number(text);
}

function readList(text: string): readonly string[] {
  return text
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '');
}

function readStreams(text: string, variable: string): Streams {
  try {
    return createStreams(parseStreams(text));
  } catch (cause) {
    throw new EnvironmentError(`${variable} is not what this version knows`, { cause });
  }
}

function propertyName(variable: string): string {
  return variable.toLowerCase().replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
