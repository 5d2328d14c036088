import { hiddenName } from './group-names.ts';

/** Attributes that a group's queue has in common with the queue beside it. */
const SHARED_ATTRIBUTES = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'VisibilityTimeout',
  'RedrivePolicy',
];

interface RedrivePolicy {
  readonly deadLetterTargetArn?: string;
}

const readPolicy = (policy: string | undefined): RedrivePolicy => JSON.parse(policy || '{}') as RedrivePolicy;

/** The queue that a redrive policy names. */
export const deadLetterQueueOf = (policy: string | undefined): string | undefined =>
  readPolicy(policy).deadLetterTargetArn?.split(':').at(-1);

/** The attributes of a group's queue, whose poison goes to the same group of the dead-letter queue. */
export function forGroup(
  attributes: Readonly<Record<string, string>>,
  group: string,
  queues: ReadonlySet<string>,
): Record<string, string> {
  const shared = Object.fromEntries(
    Object.entries(attributes).filter(([name]) => SHARED_ATTRIBUTES.includes(name)),
  );
  const { deadLetterTargetArn = '', ...policy } = readPolicy(shared.RedrivePolicy);
  if (!queues.has(deadLetterTargetArn.split(':').at(-1) ?? '')) return shared;
  const target = { ...policy, deadLetterTargetArn: hiddenName(deadLetterTargetArn, group) };
  return { ...shared, RedrivePolicy: JSON.stringify(target) };
}
