import { invalidField } from '../../base/contract/errors.ts';
import { domainIdOf } from '../../domains/domain-id.ts';
import { type Counts, sumOf, together } from '../event-counts.ts';
import type { Cell } from '../hour-counters.ts';
import { type Period, periodIndexOf, planPeriods } from '../metric-periods.ts';
import { metricOf } from '../metrics.ts';
import { MAX_PERIODS, type MetricsQuery } from './metrics-query.ts';

/** Counts of what happened in a quarter of an hour to mail of a domain, or to one mail. */
export interface MailCell extends Cell {
  readonly emailId?: string;
}

/** Subject of a row, as far as it is asked for. */
interface Place {
  readonly period: number;
  readonly domain: string;
  readonly emailId: string;
}

interface Row extends Place {
  readonly counts: Counts;
}

/** Number of rows at most. An answer of a function has 6 MB, and a row some 500 bytes. */
const MAX_ROWS = MAX_PERIODS;

/** The contract's answer. Of cells, those that are asked for count; rates come from the sums. @throws ContractError 422 */
export function metricsObject(query: MetricsQuery, cells: readonly MailCell[]) {
  const { range, metrics, dimensions, granularity } = query;
  const counted = cells.filter(isAskedFor(query));
  return {
    object: 'metrics',
    start_date: new Date(range.startEpochMs).toISOString(),
    end_date: new Date(range.endEpochMs).toISOString(),
    metrics,
    dimensions,
    granularity,
    totals: shown(countsOfAll(counted), query),
    ...(dimensions.length === 0 ? {} : { data: dataOf(query, counted) }),
  };
}

function isAskedFor({ range: { fromEpochMs, toEpochMs }, domainIds }: MetricsQuery) {
  const ids = new Map<string, string>();
  const idOf = (domain: string): string => {
    const id = ids.get(domain) ?? domainIdOf(domain);
    ids.set(domain, id);
    return id;
  };
  return ({ epochMs, domain }: MailCell): boolean =>
    epochMs >= fromEpochMs && epochMs < toEpochMs && (domainIds?.includes(idOf(domain)) ?? true);
}

const countsOfAll = (cells: readonly Cell[]): Counts => sumOf(cells.map(({ counts }) => counts));

const shown = (counts: Counts, { metrics }: MetricsQuery) =>
  Object.fromEntries(metrics.map((metric) => [metric, metricOf(counts, metric)]));

/** Data of the answer; no mail is of a broadcast. */
function dataOf(query: MetricsQuery, cells: readonly MailCell[]) {
  const { dimensions, range, granularity, zone } = query;
  if (dimensions.includes('broadcast')) return [];
  const periods = dimensions.includes('period') ? planPeriods(range, granularity, zone) : [];
  const rows = rowsOf(query, cells, periods).toSorted(inOrder);
  if (rows.length > MAX_ROWS) {
    throw invalidField(
      `The answer has ${rows.length} rows, and may have ${MAX_ROWS}: ask for less time or fewer domains.`,
    );
  }
  return rows.map((row) => ({ ...namesOf(row, query, periods), ...shown(row.counts, query) }));
}

/**
 * Rows of the answer. Every period by itself has one; where rows are of more than that, those that something
 * happened in.
 */
function rowsOf(query: MetricsQuery, cells: readonly MailCell[], periods: readonly Period[]): readonly Row[] {
  const told = cells
    .filter(({ counts }) => Object.keys(counts).length > 0)
    .map((cell) => ({ ...placeOf(cell, query, periods), counts: cell.counts }));
  const isOfPeriods = query.dimensions.every((each) => each === 'period');
  const empty = periods.map((_, period) => ({ period, domain: '', emailId: '', counts: {} }));
  return together(
    isOfPeriods ? [...empty, ...told] : told,
    ({ period, domain, emailId }) => `${period}#${domain}#${emailId}`,
  );
}

function placeOf(
  { epochMs, domain, emailId = '' }: MailCell,
  { dimensions }: MetricsQuery,
  periods: readonly Period[],
): Place {
  return {
    period: dimensions.includes('period') ? periodIndexOf(periods, epochMs) : 0,
    domain: dimensions.includes('domain') ? domain : '',
    emailId: dimensions.includes('email') ? emailId : '',
  };
}

const inOrder = (one: Row, other: Row): number =>
  one.period - other.period || compare(one.domain, other.domain) || compare(one.emailId, other.emailId);

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

/** Without a period where none is asked for; a domain that is not known has neither id nor name. */
function namesOf({ period, domain, emailId }: Row, { dimensions }: MetricsQuery, periods: readonly Period[]) {
  return {
    ...(dimensions.includes('period') ? { period: periods[period]?.name } : {}),
    ...(domain === '' ? {} : { domain_id: domainIdOf(domain), domain_name: domain }),
    ...(emailId === '' ? {} : { email_id: emailId }),
  };
}
