import { unavailable } from '../../../shared/base/contract/errors.ts';
import { isOwnId } from '../../../shared/base/contract/uuid.ts';
import { inParallel } from '../../../shared/base/services/in-parallel.ts';
import type { Messages } from '../../../shared/messages/ports.ts';
import { isExpired } from '../../../shared/messages/retention.ts';
import { type MailCell, metricsObject } from '../../../shared/metrics/contract/metrics-object.ts';
import { type MetricsQuery, readMetricsQuery } from '../../../shared/metrics/contract/metrics-query.ts';
import { timelineEvents } from '../../../shared/metrics/contract/timeline-events.ts';
import { cellOf, cellsOf, hourOf } from '../../../shared/metrics/hour-counters.ts';
import { type FoldDeps, foldLog } from '../../../shared/metrics/services/fold-metrics.ts';
import { type Answer, type ApiRoute, ok } from '../call.ts';

interface MetricsDeps extends FoldDeps {
  readonly messages: Pick<Messages, 'getTimeline'>;
}

/** Half of what a caller waits for an answer. */
const FOLD_FOR_MS = 12_000;
const TIMELINES_AT_ONCE = 10;

/** What happened to mail, counted: by the counters and what the log has beyond them, or of some mails by their facts. */
export function metricsRoutes(deps: MetricsDeps): readonly ApiRoute[] {
  return [{ method: 'GET', pattern: '/emails/metrics', handler: showMetrics(deps) }];
}

function showMetrics(deps: MetricsDeps): Answer {
  return async ({ claims: { tenant }, query }) => {
    const asked = readMetricsQuery(query, deps.clock.nowEpochMs());
    const cells = await readCells(tenant, asked, deps);
    return ok(metricsObject(asked, cells));
  };
}

async function readCells(
  tenant: string,
  query: MetricsQuery,
  deps: MetricsDeps,
): Promise<readonly MailCell[]> {
  const { emailIds, broadcastIds } = query;
  if (emailIds !== undefined) return readMails(tenant, emailIds, deps);
  // There are no broadcasts that a mail could be of.
  if (broadcastIds !== undefined) return [];
  return readCounted(tenant, query, deps);
}

/**
 * Everything that the log has, once. The tail is read before the hours: what another fold counts in between is in them, and
 * told by the number of its block.
 */
async function readCounted(
  tenant: string,
  { range: { fromEpochMs, toEpochMs } }: MetricsQuery,
  deps: MetricsDeps,
): Promise<readonly MailCell[]> {
  const { clock, counters } = deps;
  const stopAtEpochMs = clock.nowEpochMs() + FOLD_FOR_MS;
  const { tail, isWhole } = await foldLog(tenant, () => clock.nowEpochMs() < stopAtEpochMs, deps);
  if (!isWhole) throw unavailable('Events are still being counted; ask again in a moment.', undefined);
  if (fromEpochMs >= toEpochMs) return [];
  return cellsOf(await counters.range(tenant, hourOf(fromEpochMs), hourOf(toEpochMs - 1)), tail);
}

async function readMails(
  tenant: string,
  emailIds: readonly string[],
  { messages, clock }: MetricsDeps,
): Promise<readonly MailCell[]> {
  const cells: MailCell[] = [];
  await inParallel(emailIds.filter(isOwnId), TIMELINES_AT_ONCE, async (emailId) => {
    const timeline = await messages.getTimeline(tenant, emailId);
    if (timeline === undefined || isExpired(timeline.message, clock.nowEpochMs())) return;
    for (const event of timelineEvents(timeline.message, timeline.facts)) {
      const cell = cellOf(event);
      if (cell !== undefined) cells.push({ ...cell, emailId });
    }
  });
  return cells;
}
