import { ContractError, invalidField } from '../../base/contract/errors.ts';
import { readUuid } from '../../base/contract/uuid.ts';
import { createTimeZone, type TimeZone } from '../../base/time-zone.ts';
import { GRANULARITIES, type Granularity, periodsWithin } from '../metric-periods.ts';
import { METRICS, type Metric, OWN_METRICS } from '../metrics.ts';
import { keptRange, type MetricsRange, readMetricsRange } from './metrics-range.ts';

const DIMENSIONS = ['period', 'domain', 'email', 'broadcast'] as const;
type Dimension = (typeof DIMENSIONS)[number];

/** Query of `GET /emails/metrics`. */
export interface MetricsQuery {
  readonly range: MetricsRange;
  readonly zone: TimeZone;
  readonly granularity: Granularity;
  readonly metrics: readonly Metric[];
  readonly dimensions: readonly Dimension[];
  /** Ids of domains; absent where mail of all is asked for. So are the others. */
  readonly domainIds?: readonly string[];
  readonly emailIds?: readonly string[];
  readonly broadcastIds?: readonly string[];
}

type Query = Readonly<Record<string, string>>;

export const MAX_PERIODS = 10_000;
const MAX_IDS = 100;
const ALL_METRICS = [...METRICS, ...OWN_METRICS];

/** @throws ContractError 422 for the first parameter that is wrong; others than those of the contract are let be */
export function readMetricsQuery(query: Query, nowEpochMs: number): MetricsQuery {
  const zone = readZone(query.timezone || 'UTC');
  const granularity = readGranularity(query.granularity || 'daily');
  const metrics = readWords(query, 'metrics', ALL_METRICS);
  const dimensions = readWords(query, 'dimensions', DIMENSIONS);
  const filters = {
    ...readIds(query, 'domain_id', 'domainIds'),
    ...readIds(query, 'email_id', 'emailIds'),
    ...readIds(query, 'broadcast_id', 'broadcastIds'),
  };
  requireOneSubject(dimensions, filters);
  const asked = readMetricsRange(query, zone, nowEpochMs);
  if (dimensions.includes('period')) requireFewPeriods(asked, granularity);
  return {
    range: keptRange(asked, zone, nowEpochMs),
    metrics: metrics.length === 0 ? METRICS : metrics,
    zone,
    granularity,
    dimensions,
    ...filters,
  };
}

type Filters = Pick<MetricsQuery, 'domainIds' | 'emailIds' | 'broadcastIds'>;

function readZone(name: string): TimeZone {
  const zone = createTimeZone(name);
  if (zone !== undefined) return zone;
  throw invalidField('The `timezone` must be the name of an IANA time zone, such as `America/New_York`.');
}

function readGranularity(text: string): Granularity {
  const granularity = GRANULARITIES.find((each) => each === text);
  if (granularity !== undefined) return granularity;
  throw invalidField(`The \`granularity\` must be one of ${GRANULARITIES.join(', ')}.`);
}

function readWords<Word extends string>(query: Query, name: string, known: readonly Word[]): readonly Word[] {
  return readList(query, name).map((text) => {
    const word = known.find((each) => each === text);
    if (word !== undefined) return word;
    throw invalidField(`\`${name}\` takes a list of these: ${known.join(', ')}.`);
  });
}

function readIds(query: Query, name: string, property: keyof Filters): Filters {
  const ids = readList(query, name);
  if (ids.length > MAX_IDS) throw invalidField(`\`${name}\` takes up to ${MAX_IDS} ids.`);
  return ids.length === 0 ? {} : { [property]: ids.map((id) => readUuid(id, name)) };
}

/** Reads a list. A parameter that is repeated arrives as API Gateway joins it: with commas. */
const readList = (query: Query, name: string): readonly string[] => {
  const words = (query[name] ?? '').split(',').map((each) => each.trim());
  return [...new Set(words)].filter((word) => word !== '');
};

/**
 * Requires one subject: mails of their own and mails of broadcasts are never asked for together; and not
 * every mail that there is.
 */
function requireOneSubject(dimensions: readonly Dimension[], { emailIds, broadcastIds }: Filters): void {
  const isByEmail = dimensions.includes('email');
  const isOfEmails = isByEmail || emailIds !== undefined;
  const isOfBroadcasts = dimensions.includes('broadcast') || broadcastIds !== undefined;
  if (isOfEmails && isOfBroadcasts) {
    throw invalidField(
      '`email` and `email_id` cannot be combined with `broadcast` and `broadcast_id`: give one of them.',
    );
  }
  if (isByEmail && emailIds === undefined) {
    const message = `The \`email\` dimension needs an \`email_id\`: up to ${MAX_IDS} ids of mails.`;
    throw new ContractError(422, 'missing_required_field', message);
  }
}

function requireFewPeriods(range: MetricsRange, granularity: Granularity): void {
  const periods = periodsWithin(range, granularity);
  if (periods <= MAX_PERIODS) return;
  throw invalidField(
    `The range has ${periods} periods, and may have ${MAX_PERIODS}: take a shorter one or a coarser \`granularity\`.`,
  );
}
