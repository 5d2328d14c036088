import type { Assembly } from '../assembly/assembly.ts';
import type { NeededPermission } from '../gateway/iam/needed-permission.ts';
import type { ServiceCall } from '../gateway/wire-call.ts';
import { tableStreamPermissions } from './table-streams/permissions.ts';
import { partitionKeyOf } from './table-streams/table-streams.ts';

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

/** Permissions that IAM asks for a call of DynamoDB, its streams included. */
export function dynamodbPermissions(call: ServiceCall, assembly: Assembly): readonly NeededPermission[] {
  const ofStreams = tableStreamPermissions(call, assembly);
  if (ofStreams) return ofStreams;
  const input = call.input as DynamoDbInput;
  const tables = input.RequestItems
    ? Object.entries(input.RequestItems)
    : [[input.TableName ?? '', input] as const];
  return tables.map(([table, request]) => {
    const arn = `arn:aws:dynamodb:${assembly.region}:${assembly.accountId}:table/${table}`;
    const keys = leadingKeys(partitionKeyOfNamed(table, assembly), request as DynamoDbInput);
    return {
      action: `dynamodb:${call.operation}`,
      resource: input.IndexName === undefined ? arn : `${arn}/index/${input.IndexName}`,
      context: keys.length > 0 ? { 'dynamodb:leadingkeys': keys } : {},
    };
  });
}

function partitionKeyOfNamed(table: string, assembly: Assembly): string {
  const resource = assembly.byType('AWS::DynamoDB::Table').find(({ physicalId }) => physicalId === table);
  return resource === undefined ? '' : partitionKeyOf(resource);
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
