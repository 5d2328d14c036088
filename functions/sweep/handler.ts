/**
 * Every minute: what is due is released to its queues, and no accepted message is left without an end, wherever a worker
 * died on its way. A retry, or two runs at once, do the same again: every write is conditional and a job that is queued
 * twice is claimed once.
 */
import { scheduledStack } from '../../shared/runtime/scheduled-stack.ts';
import { wireSweep } from './messages/wire-sweep.ts';
import { wireSending } from './sending/wire-sending.ts';
import { createTaskRunner } from './tasks.ts';
import { wireTenants } from './tenants/wire-tenants.ts';
import { createCommonDeps } from './wire-common.ts';
import { wireCountEvents } from './wire-count-events.ts';

/** Tasks ask SES or the catalog; where they hang, release and checks still have most of the minute. */
const TASKS_UNTIL_REMAINING_MS = 40_000;

const commonDeps = createCommonDeps();
const runTasks = createTaskRunner([
  ...wireSending(commonDeps),
  ...wireTenants(commonDeps),
  wireCountEvents(commonDeps),
]);
const sweep = wireSweep(commonDeps);

export const handler = scheduledStack(async (remainingMs) => {
  await runTasks(() => remainingMs() > TASKS_UNTIL_REMAINING_MS);
  await sweep(remainingMs);
}, commonDeps.log);
