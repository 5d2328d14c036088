import type { ServiceName } from './service-call.ts';

const SERVICES = ['ses', 'sqs', 'dynamodb', 's3', 'sns', 'events', 'lambda'] as const;
const FAULTS = ['throttle', 'error', 'latency', 'reply-lost', 'crash'] as const;
const MOMENTS = ['before', 'after'] as const;
const FIELDS = new Set(['service', 'operation', 'fault', 'rate', 'count', 'ms', 'when']);
const DEFAULT_LATENCY_MS = 1000;

interface FaultRule {
  readonly service: ServiceName;
  /** An API name, or `*`. */
  readonly operation: string;
  readonly fault: (typeof FAULTS)[number];
  /** Chance per call, 1 where absent. */
  readonly rate?: number;
  /** Stop after this many hits. */
  readonly count?: number;
  /** Milliseconds of latency. */
  readonly ms?: number;
  /** Moment of a crash: a coin where absent. */
  readonly when?: (typeof MOMENTS)[number];
}

type CountedRule = FaultRule & { readonly hits: number };

/** What is wrong with a rule that was posted, with the place it stands at. */
export class FaultRuleError extends Error {}

export interface FaultTable extends Faults {
  /** Replaces all rules. Throws FaultRuleError and changes nothing when one is wrong. */
  set(rules: unknown): readonly CountedRule[];
  list(): readonly CountedRule[];
  clear(): void;
}

export function createFaults(random: () => number = Math.random): FaultTable {
  let rules: { rule: FaultRule; hits: number }[] = [];
  const list = () => rules.map(({ rule, hits }) => ({ ...rule, hits }));

  return {
    list,
    clear: () => {
      rules = [];
    },
    set: (posted) => {
      if (!Array.isArray(posted)) throw new FaultRuleError('Post an array of rules');
      rules = posted.map((rule, index) => ({ rule: checkRule(rule, index), hits: 0 }));
      return list();
    },
    roll: (service, operation) => {
      const hit = rules.find(({ rule, hits }) => isHit(rule, hits, service, operation, random));
      if (!hit) return { kind: 'none' };
      hit.hits += 1;
      return decisionOf(hit.rule, random);
    },
  };
}

function isHit(
  rule: FaultRule,
  hits: number,
  service: string,
  operation: string,
  random: () => number,
): boolean {
  const concerns = rule.service === service && (rule.operation === '*' || rule.operation === operation);
  return concerns && hits < (rule.count ?? Number.POSITIVE_INFINITY) && random() < (rule.rate ?? 1);
}

function decisionOf({ fault, ms, when }: FaultRule, random: () => number): FaultDecision {
  if (fault === 'latency') return { kind: 'latency', ms: ms ?? DEFAULT_LATENCY_MS };
  if (fault === 'crash') return { kind: 'crash', when: when ?? (random() < 0.5 ? 'before' : 'after') };
  return { kind: fault };
}

type Check = readonly [field: string, isRight: (value: unknown) => boolean, wanted: string];

const oneOf = (field: string, values: readonly string[]): Check => [
  field,
  (value) => values.includes(value as string),
  `one of ${values.join(', ')}`,
];
const optional = ([field, isRight, wanted]: Check): Check => [
  field,
  (value) => value === undefined || isRight(value),
  wanted,
];
const CHECKS: readonly Check[] = [
  oneOf('service', SERVICES),
  ['operation', (value) => typeof value === 'string' && value !== '', 'an API name or *'],
  oneOf('fault', FAULTS),
  optional([
    'rate',
    (value) => typeof value === 'number' && value >= 0 && value <= 1,
    'a number from 0 to 1',
  ]),
  optional(['count', (value) => Number.isInteger(value) && Number(value) > 0, 'a whole number above 0']),
  optional([
    'ms',
    (value) => typeof value === 'number' && value >= 0 && value <= 900_000,
    'milliseconds, 0 to 900000',
  ]),
  optional(oneOf('when', MOMENTS)),
];

function checkRule(rule: unknown, index: number): FaultRule {
  if (typeof rule !== 'object' || rule === null) throw new FaultRuleError(`Rule ${index} must be an object`);
  const fields = rule as Record<string, unknown>;
  const stray = Object.keys(fields).find((field) => !FIELDS.has(field));
  if (stray)
    throw new FaultRuleError(`Rule ${index}: no field \`${stray}\`; there are ${[...FIELDS].join(', ')}`);
  for (const [field, isRight, wanted] of CHECKS)
    if (!isRight(fields[field])) throw new FaultRuleError(`Rule ${index}: \`${field}\` must be ${wanted}`);
  return rule as FaultRule;
}

export type FaultDecision =
  | { readonly kind: 'none' }
  | { readonly kind: 'throttle' }
  | { readonly kind: 'error' }
  | { readonly kind: 'latency'; readonly ms: number }
  | { readonly kind: 'reply-lost' }
  | { readonly kind: 'crash'; readonly when: 'before' | 'after' };

/** Fault rules as `POST /_local/faults` takes them; rolled in order, the first hit wins. */
export interface Faults {
  roll(service: ServiceName, operation: string): FaultDecision;
}
