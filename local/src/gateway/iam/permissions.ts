import type { Assembly } from '../../assembly/assembly.ts';
import { tableStreamPermissions } from '../../dynamodb/table-streams/permissions.ts';
import { eventsNeeds } from '../../events/permissions.ts';
import { sesNeeds } from '../../ses/permissions.ts';
import type { ServiceName } from '../service-call.ts';
import type { CallToAuthorise, NeededPermission } from './needed-permission.ts';

type Needs = (call: CallToAuthorise, assembly: Assembly) => readonly NeededPermission[];

const SQS_ACTIONS: Readonly<Record<string, string>> = {
  SendMessageBatch: 'SendMessage',
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};

const S3_ACTIONS: Readonly<Record<string, string>> = {
  HeadObject: 'GetObject',
  DeleteObjects: 'DeleteObject',
  ListObjectsV2: 'ListBucket',
  HeadBucket: 'ListBucket',
  CopyObject: 'PutObject',
  CreateMultipartUpload: 'PutObject',
  UploadPart: 'PutObject',
  CompleteMultipartUpload: 'PutObject',
};

/** What IAM asks for each call (AWS Service Authorization Reference). */
const NEEDS: Readonly<Record<ServiceName, Needs>> = {
  sqs: ({ operation, input }, { region, accountId }) => {
    const queueName = String(input.QueueUrl).split('/').at(-1);
    const resource = `arn:aws:sqs:${region}:${accountId}:${queueName}`;
    return [{ action: `sqs:${SQS_ACTIONS[operation] ?? operation}`, resource, context: {} }];
  },
  dynamodb: (call, assembly) => tableStreamPermissions(call, assembly) ?? dynamodbNeeds(call, assembly),
  s3: s3Needs,
  sns: ({ operation, input }) => [
    { action: `sns:${operation}`, resource: String(input.TopicArn), context: {} },
  ],
  ses: sesNeeds,
  events: eventsNeeds,
  lambda: ({ operation, input }, { region, accountId }) => [
    {
      action: `lambda:${operation === 'Invoke' ? 'InvokeFunction' : operation}`,
      resource: `arn:aws:lambda:${region}:${accountId}:function:${String(input.FunctionName)}`,
      context: {},
    },
  ],
};

export const permissionsFor: Needs = (call, assembly) => NEEDS[call.service](call, assembly);

function s3Needs({
  operation,
  input,
  bucket = '',
  key,
  copySource,
}: CallToAuthorise): readonly NeededPermission[] {
  const need = (action: string, path: string) => ({
    ...{ action: `s3:${action}`, resource: `arn:aws:s3:::${path}` },
    context: {},
  });
  const action = S3_ACTIONS[operation] ?? operation;
  if (operation === 'DeleteObjects')
    return (input.keys as readonly string[]).map((each) => need(action, `${bucket}/${each}`));
  const own = need(action, key === undefined ? bucket : `${bucket}/${key}`);
  return copySource === undefined ? [own] : [own, need('GetObject', copySource)];
}

interface DynamoDbInput {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly KeyConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
}

type Item = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function dynamodbNeeds(call: CallToAuthorise, assembly: Assembly): readonly NeededPermission[] {
  const input = call.input as DynamoDbInput;
  const tables = input.RequestItems
    ? Object.entries(input.RequestItems)
    : [[input.TableName ?? '', input] as const];
  return tables.map(([table, request]) => {
    const arn = `arn:aws:dynamodb:${assembly.region}:${assembly.accountId}:table/${table}`;
    const keys = leadingKeys(partitionKeyOf(table, assembly), request as DynamoDbInput);
    return {
      action: `dynamodb:${call.operation}`,
      resource: input.IndexName === undefined ? arn : `${arn}/index/${input.IndexName}`,
      context: keys.length > 0 ? { 'dynamodb:leadingkeys': keys } : {},
    };
  });
}

function partitionKeyOf(table: string, assembly: Assembly): string {
  const resource = assembly.byType('AWS::DynamoDB::Table').find(({ physicalId }) => physicalId === table);
  const schema = (resource?.properties.KeySchema ?? []) as { AttributeName: string; KeyType: string }[];
  return schema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '';
}

function leadingKeys(partitionKey: string, request: DynamoDbInput | readonly unknown[]): readonly string[] {
  const single = request as DynamoDbInput;
  const items = Array.isArray(request)
    ? request.flatMap((write: { PutRequest?: { Item: Item }; DeleteRequest?: { Key: Item } }) => [
        write.PutRequest?.Item ?? write.DeleteRequest?.Key,
      ])
    : [single.Key, single.Item, ...((request as { Keys?: Item[] }).Keys ?? [])];
  const values = items.flatMap((item) => Object.values(item?.[partitionKey] ?? {}).map(String));
  return single.KeyConditionExpression === undefined
    ? values
    : [...values, ...queriedKey(partitionKey, single)];
}

/** `bucket = :bucket` or `#bucket = :bucket`: the one equality that a key condition must have. */
function queriedKey(partitionKey: string, input: DynamoDbInput): readonly string[] {
  const equality = /([#\w]+)\s*=\s*(:\w+)/g;
  for (const [, name = '', placeholder = ''] of (input.KeyConditionExpression ?? '').matchAll(equality)) {
    const attribute = name.startsWith('#') ? input.ExpressionAttributeNames?.[name] : name;
    if (attribute === partitionKey)
      return Object.values(input.ExpressionAttributeValues?.[placeholder] ?? {}).map(String);
  }
  return [];
}
