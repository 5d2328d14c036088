import { randomUUID } from 'node:crypto';
import type { Assembly } from '../assembly/assembly.ts';
import type { Gateway, ServiceResponse } from '../gateway/service-call.ts';
import { createDelivery } from './delivery.ts';
import { SNS_DIALECT } from './dialect.ts';
import { type QueueSubscription, readSubscriptions } from './subscriptions.ts';

interface Publication {
  readonly TopicArn: string;
  readonly MessageId: string;
  readonly Subject: string | undefined;
  readonly Message: string;
}

/**
 * SNS for the one thing the pipeline uses it for: a topic with queues behind it. Answers when each delivery was tried
 * once; what could not be delivered is tried on. Throws at creation for subscriptions that are not hosted.
 */
export function createSns(assembly: Assembly, call: Gateway['call']) {
  const subscriptions = readSubscriptions(assembly);
  const deliver = createDelivery(call);

  return async (operation: string, input: Readonly<Record<string, unknown>>): Promise<ServiceResponse> => {
    const TopicArn = String(input.TopicArn);
    if (operation !== 'Publish') return SNS_DIALECT.error(400, 'InvalidAction', `${operation} is not hosted`);
    if (!assembly.byArn(TopicArn)) return SNS_DIALECT.error(404, 'NotFound', 'Topic does not exist');
    if (Object.keys(input).some((name) => name.startsWith('MessageAttributes.')))
      return SNS_DIALECT.error(501, 'NotImplemented', 'The local cloud hosts no message attributes of SNS');

    const publication: Publication = {
      ...{ TopicArn, MessageId: randomUUID(), Message: String(input.Message) },
      Subject: input.Subject === undefined ? undefined : String(input.Subject),
    };
    const behind = subscriptions.get(TopicArn) ?? [];
    await Promise.all(behind.map((queue) => deliver(queue, TopicArn, bodyFor(queue, publication))));
    return published(publication);
  };
}

const published = ({ MessageId }: Publication): ServiceResponse => ({
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body: Buffer.from(
    `<PublishResponse><PublishResult><MessageId>${MessageId}</MessageId></PublishResult></PublishResponse>`,
  ),
});

/** SNS developer guide, "Amazon SNS message and JSON formats"; there is no key to sign with here. */
function bodyFor({ isRaw, arn }: QueueSubscription, { Subject, ...publication }: Publication): string {
  if (isRaw) return publication.Message;
  const { TopicArn, MessageId, Message } = publication;
  return JSON.stringify({
    ...{ Type: 'Notification', MessageId, TopicArn },
    ...(Subject === undefined ? {} : { Subject }),
    ...{ Message, Timestamp: new Date().toISOString(), SignatureVersion: '1' },
    UnsubscribeURL: `https://sns.${TopicArn.split(':')[3]}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${arn}`,
  });
}
