import { unavailable } from '../../shared/contract/errors.ts';
import { type MailCell, metricsObject } from '../../shared/contract/metrics-object.ts';
import { type MetricsQuery, readMetricsQuery } from '../../shared/contract/metrics-query.ts';
import { timelineEvents } from '../../shared/contract/timeline-events.ts';
import { isOwnId } from '../../shared/contract/uuid.ts';
import { type FoldDeps, foldLane } from '../../shared/domain/fold-metrics.ts';
import { type Cell, cellOf, hourOf, laneCells } from '../../shared/domain/hour-counters.ts';
import { inParallel } from '../../shared/domain/in-parallel.ts';
import type { LanePlace } from '../../shared/domain/metric-ports.ts';
import type { Messages } from '../../shared/domain/ports.ts';
import { type ApiRoute, ok } from './call.ts';

export interface MetricsDeps extends FoldDeps {
  readonly messages: Pick<Messages, 'getTimeline'>;
}

/** Half of what a caller waits for an answer. */
const FOLD_FOR_MS = 12_000;
const TIMELINES_AT_ONCE = 10;

/** What happened to mail, counted: by the counters and what the log has beyond them, or of some mails by their facts. */
export function metricsRoute(deps: MetricsDeps): ApiRoute {
  return {
    method: 'GET',
    pattern: '/emails/metrics',
    async handler({ claims: { tenant }, query }) {
      const asked = readMetricsQuery(query, deps.clock.nowEpochMs());
      const cells = await readCells(tenant, asked, deps);
      return ok(metricsObject(asked, cells));
    },
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
  const lanes = Array.from({ length: deps.lanes.laneCount }, (_, lane) => ({ tenant, lane }));
  const stopAtEpochMs = deps.clock.nowEpochMs() + FOLD_FOR_MS;
  const cells = await Promise.all(lanes.map((place) => readLane(place, query, stopAtEpochMs, deps)));
  return cells.flat();
}

/**
 * Everything that the log has of a lane, once. The tail is read before the hours: what somebody folds in between is in
 * them, and told by the number of its segment.
 */
async function readLane(
  place: LanePlace,
  { range: { fromEpochMs, toEpochMs } }: MetricsQuery,
  stopAtEpochMs: number,
  deps: MetricsDeps,
): Promise<readonly Cell[]> {
  const { tail, isWhole } = await foldLane(place, () => deps.clock.nowEpochMs() < stopAtEpochMs, deps);
  if (!isWhole) throw unavailable('Events are still being counted; ask again in a moment.', undefined);
  const hours =
    fromEpochMs < toEpochMs
      ? await deps.counters.range(place, hourOf(fromEpochMs), hourOf(toEpochMs - 1))
      : [];
  return laneCells(hours, tail);
}

async function readMails(
  tenant: string,
  emailIds: readonly string[],
  { messages, clock }: MetricsDeps,
): Promise<readonly MailCell[]> {
  const cells: MailCell[] = [];
  await inParallel(emailIds.filter(isOwnId), TIMELINES_AT_ONCE, async (emailId) => {
    const timeline = await messages.getTimeline(tenant, emailId);
    if (timeline === undefined) return;
    if (timeline.message.expiresAtEpochSeconds * 1000 <= clock.nowEpochMs()) return;
    for (const event of timelineEvents(timeline.message, timeline.facts)) {
      const cell = cellOf(event);
      if (cell !== undefined) cells.push({ ...cell, emailId });
    }
  });
  return cells;
}
