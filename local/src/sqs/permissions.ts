import type { Assembly } from '../assembly/assembly.ts';
import type { NeededPermission } from '../gateway/iam/needed-permission.ts';
import type { ServiceCall } from '../gateway/wire-call.ts';

const ACTIONS: Readonly<Record<string, string>> = {
  SendMessageBatch: 'SendMessage',
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};

/** Permissions that IAM asks for a call of SQS. */
export function sqsPermissions(
  { operation, input }: ServiceCall,
  { region, accountId }: Assembly,
): readonly NeededPermission[] {
  const queueName = String(input.QueueUrl).split('/').at(-1);
  const resource = `arn:aws:sqs:${region}:${accountId}:${queueName}`;
  return [{ action: `sqs:${ACTIONS[operation] ?? operation}`, resource, context: {} }];
}
