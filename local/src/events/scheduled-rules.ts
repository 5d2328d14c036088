import { randomUUID } from 'node:crypto';
import type { Assembly, HostedResource } from '../assembly/assembly.ts';
import { DEFAULT_EVENT_BUS, eventBusName } from '../assembly/event-bus-name.ts';
import type { Clock } from '../host/clock.ts';
import type { Pauses } from '../host/pauses.ts';
import { type RuleTarget, readTargets } from './rule-targets.ts';
import { parseSchedule, type Schedule } from './schedule-expression.ts';

interface ScheduledRulesDeps {
  readonly assembly: Assembly;
  readonly clock: Clock;
  readonly pauses: Pauses;
  readonly deliver: (target: RuleTarget, event: unknown) => Promise<void>;
  readonly isStopped: () => boolean;
}

/**
 * Limit of catching up. EventBridge would fire once for every time that passed. After a long advance the runs
 * between would all see the same clock, so only this many of them are caught up with, one after the other.
 */
const MOST_CATCH_UPS = 5;

/** Fires the template's scheduled rules by the local clock; the first time counts from now. */
export function startScheduledRules(deps: ScheduledRulesDeps): void {
  const rules = deps.assembly
    .byType('AWS::Events::Rule')
    .filter(({ properties }) => properties.ScheduleExpression !== undefined);
  for (const rule of rules) {
    if (eventBusName(rule.properties.EventBusName) !== DEFAULT_EVENT_BUS)
      throw new Error(`${rule.logicalId}: schedules are for the default event bus alone`);
    const schedule = parseSchedule(String(rule.properties.ScheduleExpression));
    const targets = readTargets(deps.assembly, rule);
    if (rule.properties.State !== 'DISABLED') void runRule(rule, schedule, targets, deps);
  }
}

async function runRule(
  rule: HostedResource,
  schedule: Schedule,
  targets: readonly RuleTarget[],
  { assembly, clock, pauses, deliver, isStopped }: ScheduledRulesDeps,
): Promise<void> {
  for (let due = schedule.next(clock.now()); !isStopped() && Number.isFinite(due); ) {
    await pauses.pause(due - clock.now());
    if (isStopped()) return;
    const missed = missedTimes(schedule, due, clock.now());
    for (const time of missed.slice(-MOST_CATCH_UPS)) {
      const event = toScheduledEvent(assembly, rule, time);
      await Promise.all(targets.map((target) => deliver(target, event)));
    }
    due = schedule.next(missed.at(-1) ?? due);
  }
}

function missedTimes(schedule: Schedule, due: number, now: number): number[] {
  const times: number[] = [];
  for (let time = due; time <= now; time = schedule.next(time)) times.push(time);
  return times;
}

const toScheduledEvent = (assembly: Assembly, rule: HostedResource, timeMs: number) => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: assembly.accountId,
  time: new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, 'Z'),
  region: assembly.region,
  resources: [rule.arn ?? rule.physicalId],
  detail: {},
});
