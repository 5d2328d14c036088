import middy from '@middy/core';
import { failureLog } from './failure-log.ts';
import type { Logger } from './logger.ts';

/**
 * A handler of a custom resource. `answer` replies to CloudFormation, also with a failure; where it throws, nothing was
 * replied: the invocation is logged and fails, and Lambda repeats it.
 * @param answer takes a request that is not checked yet
 */
export function customResourceStack(answer: (request: unknown) => Promise<void>, logger: Logger) {
  return middy<unknown, void>()
    .use(failureLog(logger, 'custom_resource_unanswered'))
    .handler((request: unknown) => answer(request));
}
