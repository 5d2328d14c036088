import { randomUUID } from 'node:crypto';
import type { Assembly, Gateway, ServiceResponse } from '../ports.ts';
import { awsError } from './aws-error.ts';

/** SNS for the one thing the pipeline uses it for: a topic with queues behind it. Delivery is a call as SNS. */
export function createSns(assembly: Assembly, call: Gateway['call']) {
  return async (operation: string, input: Readonly<Record<string, unknown>>): Promise<ServiceResponse> => {
    const topicArn = String(input.TopicArn);
    if (operation !== 'Publish') return awsError('sns', 400, 'InvalidAction', `${operation} is not hosted`);
    if (!assembly.byArn(topicArn)) return awsError('sns', 404, 'NotFound', 'Topic does not exist');

    const messageId = randomUUID();
    for (const subscription of queuesOf(assembly, topicArn)) {
      const body = subscription.isRaw
        ? String(input.Message)
        : envelope(topicArn, messageId, String(input.Message));
      await call({
        service: 'sqs',
        operation: 'SendMessage',
        method: 'POST',
        url: '/',
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
        body: Buffer.from(JSON.stringify({ QueueUrl: subscription.queueUrl, MessageBody: body })),
        caller: { kind: 'service', principal: 'sns.amazonaws.com', sourceArn: topicArn },
      });
    }
    const answer = `<PublishResponse><PublishResult><MessageId>${messageId}</MessageId></PublishResult></PublishResponse>`;
    return { status: 200, headers: { 'content-type': 'text/xml' }, body: Buffer.from(answer) };
  };
}

function queuesOf(assembly: Assembly, topicArn: string) {
  return assembly
    .byType('AWS::SNS::Subscription')
    .filter(({ properties }) => properties.TopicArn === topicArn && properties.Protocol === 'sqs')
    .map(({ properties }) => ({
      queueUrl: assembly.byArn(String(properties.Endpoint))?.physicalId ?? '',
      isRaw: String(properties.RawMessageDelivery) === 'true',
    }));
}

const envelope = (TopicArn: string, MessageId: string, Message: string): string =>
  JSON.stringify({ Type: 'Notification', MessageId, TopicArn, Message, Timestamp: new Date().toISOString() });
