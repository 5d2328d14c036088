import type { Assembly } from '../assembly/assembly.ts';
import type { Caller, Gateway } from '../gateway/service-call.ts';
import type { Clock } from '../host/clock.ts';
import type { Pauses } from '../host/pauses.ts';
import type { InvocationResult, LambdaHost } from '../lambda/invocation.ts';
import { mayInvoke } from '../lambda/invoke-permission.ts';
import { EVENT_TOO_LARGE, THROTTLED } from '../lambda/lambda-host.ts';
import { callSqs, SqsCallError } from '../sqs/client.ts';
import type { RuleTarget } from './rule-targets.ts';

interface TargetDeliveryDeps {
  readonly assembly: Assembly;
  readonly clock: Clock;
  readonly gatewayCall: Gateway['call'];
  readonly lambda: Pick<LambdaHost, 'invoke'>;
  readonly pauses: Pauses;
  readonly warn: (line: string) => void;
  readonly isStopped: () => boolean;
}

const EVENTS_PRINCIPAL = 'events.amazonaws.com';
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;
/** An asynchronous invocation that fails is tried twice more, after one minute and after two. */
const INVOKE_RETRY_MS = [60_000, 120_000];

type Outcome = 'done' | 'retry' | 'refused';

/**
 * Hands events to targets as EventBridge: retries within the target's retry policy, then its dead-letter queue.
 * The promise ends with the first attempt; retries go on by themselves.
 */
export function createTargetDelivery(deps: TargetDeliveryDeps) {
  return async (target: RuleTarget, event: unknown): Promise<void> => {
    const outcome = await attempt(target, event, deps);
    if (outcome === 'retry') void retry(target, event, deps);
    if (outcome === 'refused') await giveUp(target, event, deps);
  };
}

async function retry(target: RuleTarget, event: unknown, deps: TargetDeliveryDeps): Promise<void> {
  const endsAt = deps.clock.now() + target.maxAgeMs;
  for (let tries = 1; tries < target.maxAttempts; tries += 1) {
    await deps.pauses.pause(Math.min(FIRST_RETRY_MS * 2 ** (tries - 1), LONGEST_RETRY_MS));
    if (deps.isStopped()) return;
    if (deps.clock.now() > endsAt) break;
    const outcome = await attempt(target, event, deps);
    if (outcome === 'done') return;
    if (outcome === 'refused') break;
  }
  await giveUp(target, event, deps);
}

const attempt = (target: RuleTarget, event: unknown, deps: TargetDeliveryDeps): Promise<Outcome> =>
  target.destination.type === 'AWS::SQS::Queue'
    ? sendToQueue(target.destination.physicalId, target.ruleArn, event, deps)
    : invokeTarget(target, event, deps);

async function sendToQueue(
  queueUrl: string,
  ruleArn: string,
  event: unknown,
  deps: TargetDeliveryDeps,
): Promise<Outcome> {
  const caller: Caller = { kind: 'service', principal: EVENTS_PRINCIPAL, sourceArn: ruleArn };
  try {
    await callSqs(deps.gatewayCall, caller, 'SendMessage', {
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify(event),
    });
    return 'done';
  } catch (error) {
    if (!(error instanceof SqsCallError) || error.status >= 500 || error.status === 429) return 'retry';
    if (isThrottling(error)) return 'retry';
    deps.warn(`${ruleArn}: ${error.message}`);
    return 'refused';
  }
}

const isThrottling = ({ message }: SqsCallError): boolean => /Throttl/i.test(message);

async function invokeTarget(target: RuleTarget, event: unknown, deps: TargetDeliveryDeps): Promise<Outcome> {
  const { destination, ruleArn } = target;
  if (!mayInvoke(deps.assembly, destination, EVENTS_PRINCIPAL, ruleArn)) {
    deps.warn(`${ruleArn}: no AWS::Lambda::Permission lets it invoke ${destination.logicalId}`);
    return 'refused';
  }
  const result = await deps.lambda.invoke(destination.logicalId, event);
  if (isFunctionFailure(result)) void retryInvocation(target, event, deps);
  if (result.kind === 'error' && result.errorType === THROTTLED) return 'retry';
  return result.kind === 'error' && result.errorType === EVENT_TOO_LARGE ? 'refused' : 'done';
}

const isFunctionFailure = (result: InvocationResult): boolean =>
  result.kind !== 'ok' &&
  !(result.kind === 'error' && [THROTTLED, EVENT_TOO_LARGE].includes(result.errorType));

async function retryInvocation(target: RuleTarget, event: unknown, deps: TargetDeliveryDeps): Promise<void> {
  for (const delayMs of INVOKE_RETRY_MS) {
    await deps.pauses.pause(delayMs);
    if (deps.isStopped()) return;
    const result = await deps.lambda.invoke(target.destination.logicalId, event);
    if (!isFunctionFailure(result)) return;
  }
  deps.warn(`${target.id}: ${target.destination.logicalId} failed three times`);
}

async function giveUp(target: RuleTarget, event: unknown, deps: TargetDeliveryDeps): Promise<void> {
  const queue = target.deadLetterQueueArn && deps.assembly.byArn(target.deadLetterQueueArn);
  if (!queue) return deps.warn(`${target.id}: an event was not delivered`);
  const outcome = await sendToQueue(queue.physicalId, target.ruleArn, event, deps);
  if (outcome !== 'done') deps.warn(`${target.id}: the dead-letter queue took no event`);
}
