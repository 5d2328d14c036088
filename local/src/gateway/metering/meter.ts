import { priceOf } from '../../../../shared/base/list-prices.ts';
import type { Clock } from '../../host/clock.ts';
import { sum } from '../../host/json.ts';
import type { Meter, Usage } from './usage.ts';

interface UsageRow {
  readonly function: string;
  readonly service: Usage['service'];
  readonly operation: string;
  readonly requests: number;
  readonly units: number;
  readonly unit: string;
  readonly usd: number;
}

export interface UsageReport {
  /** ISO 8601, by the local clock: the start or the last reset. */
  readonly since: string;
  /** Cost of everything but SES. */
  readonly totalUsd: number;
  readonly sesUsd: number;
  /** Cost of empty SQS receives, part of `totalUsd`. */
  readonly idleUsd: number;
  readonly operations: readonly UsageRow[];
}

export interface ReportingMeter extends Meter {
  report(): UsageReport;
  reset(): void;
}

/** Adds up usages by function, service, operation and unit. `record` throws for a unit without a price. */
export function createMeter(clock: Clock): ReportingMeter {
  const recorded = new Map<string, Usage>();
  let since = clock.now();

  return {
    record: (usage) => {
      for (const billed of splitInvocation(usage)) add(recorded, billed);
    },
    report: () => toReport(since, [...recorded.values()].map(toRow)),
    reset: () => {
      recorded.clear();
      since = clock.now();
    },
  };
}

/** Lambda bills an invocation twice, as a request and by its duration; the host reports both in one usage. */
function splitInvocation(usage: Usage): readonly Usage[] {
  const isInvocation = usage.service === 'lambda' && usage.unit === 'GB-s' && usage.requests > 0;
  if (!isInvocation) return [usage];
  return [
    { ...usage, units: usage.requests, unit: 'request' },
    { ...usage, requests: 0 },
  ];
}

function add(recorded: Map<string, Usage>, usage: Usage): void {
  priceOf(usage.service, usage.unit);
  const key = JSON.stringify([usage.functionName, usage.service, usage.operation, usage.unit]);
  const known = recorded.get(key) ?? { ...usage, requests: 0, units: 0 };
  const requests = known.requests + usage.requests;
  recorded.set(key, { ...known, requests, units: known.units + usage.units });
}

function toRow({ functionName, service, operation, requests, units, unit }: Usage): UsageRow {
  const usd = units * priceOf(service, unit);
  return { function: functionName, service, operation, requests, units, unit, usd };
}

function toReport(since: number, operations: readonly UsageRow[]): UsageReport {
  const usdOf = (isCounted: (row: UsageRow) => boolean) =>
    sum(operations.filter(isCounted).map(({ usd }) => usd));

  return {
    since: new Date(since).toISOString(),
    totalUsd: usdOf(({ service }) => service !== 'ses'),
    sesUsd: usdOf(({ service }) => service === 'ses'),
    idleUsd: usdOf(({ unit }) => unit === 'empty receive'),
    operations,
  };
}
