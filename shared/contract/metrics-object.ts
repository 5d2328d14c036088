import { domainIdOf } from '../domain/domain-id.ts';
import type { Cell } from '../domain/hour-counters.ts';
import { type Period, periodIndexOf, planPeriods } from '../domain/metric-periods.ts';
import { addCounts, type Counts, metricOf } from '../domain/metrics.ts';
import { invalidField } from './errors.ts';
import { MAX_PERIODS, type MetricsQuery } from './metrics-query.ts';

/** What happened in a quarter of an hour to mail of a domain, or to one mail. */
export interface MailCell extends Cell {
  readonly emailId?: string;
}

/** Some cells together: those of one period, domain and mail, as far as these are asked for. */
interface Row {
  readonly period: number;
  readonly domain: string;
  readonly emailId: string;
  readonly counts: Counts;
}

/** What a function can answer with has 6 MB, and a row some 500 bytes. */
const MAX_ROWS = MAX_PERIODS;

/** The contract's answer. Of cells, those that are asked for count; rates come from the sums. @throws ContractError 422 */
export function metricsObject(query: MetricsQuery, cells: readonly MailCell[]) {
  const { range, metrics, dimensions, granularity } = query;
  const counted = cells.filter(isAskedFor(query));
  return {
    object: 'metrics',
    start_date: new Date(range.startEpochMs).toISOString(),
    end_date: new Date(range.endEpochMs).toISOString(),
    ...{ metrics, dimensions, granularity },
    totals: shown(sumOf(counted), query),
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

const sumOf = (cells: readonly Cell[]): Counts =>
  cells.reduce<Counts>((sum, { counts }) => addCounts(sum, counts), {});

const shown = (counts: Counts, { metrics }: MetricsQuery) =>
  Object.fromEntries(metrics.map((metric) => [metric, metricOf(counts, metric)]));

/** No mail is of a broadcast. */
function dataOf(query: MetricsQuery, cells: readonly MailCell[]) {
  const { dimensions, range, granularity, zone } = query;
  if (dimensions.includes('broadcast')) return [];
  const periods = dimensions.includes('period') ? planPeriods(range, granularity, zone) : [];
  const rows = [...rowsOf(query, cells, periods)].sort(inOrder);
  if (rows.length > MAX_ROWS) {
    throw invalidField(
      `The answer has ${rows.length} rows, and may have ${MAX_ROWS}: ask for less time or fewer domains.`,
    );
  }
  return rows.map((row) => ({ ...namesOf(row, query, periods), ...shown(row.counts, query) }));
}

/** Every period by itself has a row; where rows are of more than that, those that something happened in. */
function rowsOf({ dimensions }: MetricsQuery, cells: readonly MailCell[], periods: readonly Period[]) {
  const rows = new Map<string, Row>();
  if (dimensions.every((each) => each === 'period')) {
    for (const period of periods.keys()) rows.set(keyOf({ ...NO_ROW, period }), { ...NO_ROW, period });
  }
  for (const { epochMs, domain, emailId = '', counts } of cells) {
    if (Object.keys(counts).length === 0) continue;
    const place = {
      period: dimensions.includes('period') ? periodIndexOf(periods, epochMs) : 0,
      domain: dimensions.includes('domain') ? domain : '',
      emailId: dimensions.includes('email') ? emailId : '',
    };
    const known = rows.get(keyOf(place))?.counts ?? {};
    rows.set(keyOf(place), { ...place, counts: addCounts(known, counts) });
  }
  return rows.values();
}

const NO_ROW: Row = { period: 0, domain: '', emailId: '', counts: {} };

const keyOf = ({ period, domain, emailId }: Omit<Row, 'counts'>): string => `${period}#${domain}#${emailId}`;

const inOrder = (one: Row, other: Row): number =>
  one.period - other.period || compare(one.domain, other.domain) || compare(one.emailId, other.emailId);

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

/** A domain that nobody knows has neither id nor name. */
function namesOf({ period, domain, emailId }: Row, { dimensions }: MetricsQuery, periods: readonly Period[]) {
  const names = {
    period: periods[period]?.name,
    ...(domain === '' ? {} : { domain_id: domainIdOf(domain), domain_name: domain }),
    ...(emailId === '' ? {} : { email_id: emailId }),
  };
  return dimensions.includes('period') ? names : { ...names, period: undefined };
}
