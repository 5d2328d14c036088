import middy from '@middy/core';
import type { Context, ScheduledEvent } from 'aws-lambda';
import { failureLog } from './failure-log.ts';
import type { Logger } from './logger.ts';

/** A handler of a schedule. A run that fails is logged and fails, so that Lambda counts and repeats it. */
export function scheduledStack(run: (remainingMs: () => number) => Promise<void>, logger: Logger) {
  return middy<ScheduledEvent, void>()
    .use(failureLog(logger, 'run_failed'))
    .handler((_event: ScheduledEvent, context: Context) => run(() => context.getRemainingTimeInMillis()));
}
