import type { InvocationResult } from './invocation.ts';

type FailedInvocation = Exclude<InvocationResult, { kind: 'ok' }>;

/** A failed invocation as Lambda describes it in an answer. */
export function describeFailure(result: FailedInvocation): { errorType: string; errorMessage: string } {
  if (result.kind === 'error') return { errorType: result.errorType, errorMessage: result.message };
  if (result.kind === 'crashed')
    return { errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited without providing a reason' };
  const seconds = (result.durationMs / 1000).toFixed(2);
  return { errorType: 'Sandbox.Timedout', errorMessage: `Task timed out after ${seconds} seconds` };
}
