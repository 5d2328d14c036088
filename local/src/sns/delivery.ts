import { setTimeout as pause } from 'node:timers/promises';
import { type Gateway, GatewayClosedError } from '../gateway/service-call.ts';
import type { QueueSubscription } from './subscriptions.ts';

type Outcome = 'done' | 'retry' | 'refused' | 'closed';

const LONGEST_PAUSE_MS = 20_000;

/**
 * Delivers to queues as SNS: a server's failure or a throttle is tried again without end (SNS itself: 100,015 times),
 * a refusal goes to the subscription's dead-letter queue. The promise ends with the first try.
 */
export function createDelivery(call: Gateway['call']) {
  return async (subscription: QueueSubscription, topicArn: string, body: string): Promise<void> => {
    const attempt = () => sendToQueue(call, subscription.queueUrl, topicArn, body);
    const outcome = await attempt();
    if (outcome === 'retry') void retry(attempt).then(settle);
    else await settle(outcome);

    async function settle(final: Outcome): Promise<void> {
      if (final !== 'refused') return;
      const { arn, deadLetterQueueUrl } = subscription;
      const saved = deadLetterQueueUrl && (await sendToQueue(call, deadLetterQueueUrl, topicArn, body));
      if (saved !== 'done') console.warn(`SNS: the queue of ${arn} refused a message, which is lost`);
    }
  };
}

/** Makes three tries at once, then a second apart and slower, as SNS does for SQS. */
async function retry(attempt: () => Promise<Outcome>): Promise<Outcome> {
  for (let tries = 1; ; tries += 1) {
    const pauseMs = tries < 3 ? 0 : Math.min(1000 * 2 ** (tries - 3), LONGEST_PAUSE_MS);
    await pause(pauseMs, undefined, { ref: false });
    const outcome = await attempt();
    if (outcome !== 'retry') return outcome;
  }
}

async function sendToQueue(
  call: Gateway['call'],
  QueueUrl: string,
  topicArn: string,
  MessageBody: string,
): Promise<Outcome> {
  try {
    const { status, body } = await call({
      service: 'sqs',
      operation: 'SendMessage',
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
      body: Buffer.from(JSON.stringify({ QueueUrl, MessageBody })),
      caller: { kind: 'service', principal: 'sns.amazonaws.com', sourceArn: topicArn },
    });
    if (status < 300) return 'done';
    return status >= 500 || /Throttl/.test(body.toString('utf8')) ? 'retry' : 'refused';
  } catch (error) {
    return error instanceof GatewayClosedError ? 'closed' : 'retry';
  }
}
